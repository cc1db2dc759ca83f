#include "workers/upstream/transport/connector.h"

#include <algorithm>
#include <utility>

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// How long one of several addresses may keep the others waiting.
constexpr std::chrono::seconds kAddressTimeout{3};

SteadyTime SteadyNow() { return std::chrono::steady_clock::now(); }

}  // namespace

Connector::Connector(std::shared_ptr<ConnectionPool> pool)
    : pool_(std::move(pool)), watchdog_(pool_->executor(), [this] {
        timed_out_ = true;
        GiveUp();
      }) {}

void Connector::GiveUp() {
  if (stream_) stream_->Close();
  if (resolution_) resolution_->GiveUp();
}

void Connector::Cancel() {
  cancelled_ = true;
  GiveUp();
}

// Always false, so that callers can return it.
bool Connector::Fail(inf::FailureStage stage, std::string message) {
  watchdog_.Clear();
  if (stream_) stream_->Close();
  failure_.stage = stage;
  failure_.timed_out = timed_out_;
  failure_.cancelled = cancelled_;
  failure_.message = cancelled_ ? "cancelled" : timed_out_ ? "no progress in time" : std::move(message);
  return false;
}

Awaitable<std::unique_ptr<Stream>> Connector::Connect(Destination to, ConnectionKey key, SteadyTime deadline) {
  failure_ = {};
  timed_out_ = false;
  if (cancelled_) {
    Fail(inf::FAILURE_STAGE_CONNECT, "cancelled");
    co_return nullptr;
  }
  const SteadyTime begin = SteadyNow();
  watchdog_.Set(deadline);
  resolution_ = std::make_shared<Resolution>(pool_->executor());
  auto endpoints = co_await resolution_->Run(to.authority, to.allow_private);
  resolution_.reset();
  if (cancelled_ || timed_out_ || !endpoints.ok()) {
    Fail(inf::FAILURE_STAGE_RESOLVE, endpoints.ok() ? std::string() : endpoints.error().message);
    co_return nullptr;
  }
  for (std::size_t i = 0; i < endpoints->size(); ++i) {
    const bool last = i + 1 == endpoints->size();
    const SteadyTime attempt = last ? deadline : std::min(deadline, SteadyNow() + kAddressTimeout);
    failure_ = {};
    // Named: in a coroutine GCC 12 may lay the frame out wrongly when co_await stands in an `if` condition.
    const bool connected = co_await ConnectTo(to, key, (*endpoints)[i], attempt);
    if (connected) {
      watchdog_.Clear();
      time_ = SteadyNow() - begin;
      pool_->CountOpened();
      co_return std::move(stream_);
    }
    if (last || cancelled_ || SteadyNow() >= deadline) break;
    timed_out_ = false;
  }
  stream_.reset();
  co_return nullptr;
}

Awaitable<bool> Connector::ConnectTo(const Destination& to, const ConnectionKey& key, asio::ip::tcp::endpoint endpoint,
                                     SteadyTime deadline) {
  watchdog_.Set(deadline);
  stream_ = std::make_unique<Stream>(pool_->executor());
  IoResult connected = co_await stream_->Connect(endpoint);
  if (connected.status != IoStatus::kOk) co_return Fail(inf::FAILURE_STAGE_CONNECT, std::move(connected.message));
  if (!to.tls) co_return true;
  IoResult secured = co_await stream_->StartTls(to.tls, to.authority.host, pool_->SessionsFor(key));
  if (secured.status != IoStatus::kOk) co_return Fail(inf::FAILURE_STAGE_TLS, std::move(secured.message));
  co_return true;
}

}  // namespace patchbay::upstream
