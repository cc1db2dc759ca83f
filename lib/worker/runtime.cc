#include "lib/worker/runtime.h"

#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <csignal>

#include "lib/async/spawn.h"
#include "lib/base/encoding.h"
#include "lib/base/exit.h"
#include "lib/base/sha256.h"
#include "lib/base/version.h"
#include "lib/config/fields.h"
#include "lib/log/log.h"
#include "lib/pki/identity.h"
#include "lib/time/proto_time.h"
#include "lib/worker/peer_watch.h"

namespace patchbay::worker {
namespace {

constexpr std::chrono::seconds kAttachTimeout{10};
constexpr std::chrono::seconds kStatsInterval{2};
// After the drain hooks are done, how long calls that nobody drains (an operator's health watch) may go on.
constexpr std::chrono::milliseconds kLastCalls{200};
constexpr std::chrono::milliseconds kFarewell{500};
constexpr std::chrono::milliseconds kParentsEnd{50};

}  // namespace

RuntimeImpl::RuntimeImpl(asio::io_context& io, Launch launch)
    : io_(io),
      launch_(std::move(launch)),
      reactor_(io),
      peers_(launch_.peers),
      signals_(io, SIGTERM),
      stats_timer_(io),
      term_timer_(io),
      drain_asked_(io.get_executor()) {
  // Until the supervisor says what every setting is; alone there is none.
  config::FillDefaults(config_);
}

Awaitable<int> RuntimeImpl::Live(std::function<Result<void>(Runtime&)> build) {
  log::Info("worker.starting", {{"generation", launch_.generation}, {"pid", getpid()}, {"version", kVersion}});
  if (reactor_.mode() != rpc::Reactor::Mode::kFast)
    log::Warn("rpc.slow_mode", {{"why", "gRPC's epoll descriptor was not found"}});
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    // The kernel sends this signal when our parent dies (supervisor/child/child.cc), more precisely when its main
    // thread has: for a moment the rest of it may still count as our parent.
    term_timer_.expires_after(kParentsEnd);
    term_timer_.async_wait([this](boost::system::error_code stopped) {
      if (stopped) return;
      orphaned_ = orphaned_ || getppid() != parent_;
      BeginDrain(orphaned_ ? "the supervisor is gone" : "SIGTERM", ToMilliseconds(config_.server().drain_timeout()));
    });
  });

  if (!launch_.supervisor.empty()) {
    if (const Result<void> attached = co_await Attach(); !attached.ok()) {
      log::Error("worker.attach_failed", {{"error", attached.error().message}});
      co_return kExitTemporary;
    }
  }
  server_ = std::make_unique<rpc::Server>(reactor_);
  server_->SetVerifier(verifier_.get());
  introspection_ = std::make_unique<rpc::Introspection>(*server_);

  Result<void> built = build(*this);
  if (built.ok() && !listeners("grpc").empty()) built = server_->Start(listeners("grpc"));
  if (!built.ok()) {
    log::Error("worker.start_failed", {{"code", ToString(built.error().code)}, {"error", built.error().message}});
    if (attachment_) co_await attachment_->Close(kFarewell);
    co_return ExitCodeFor(built.error());
  }

  for (const auto& [role, address] : launch_.peers) Spawn("peer", WatchPeer(reactor_, channel(role), address));
  if (attachment_) {
    Spawn("orders", FollowOrders());
    Spawn("stats", StatsLoop());
    v1::WorkerReport ready;
    ready.mutable_ready();
    attachment_->Report(std::move(ready));
  }
  introspection_->SetServing(true);
  log::Info("worker.ready", {{"generation", launch_.generation}});

  co_await drain_asked_.Wait();
  co_await DrainAll(drain_deadline_);
  log::Info("worker.drained", {{"generation", launch_.generation}});
  if (attachment_) {
    v1::WorkerReport drained;
    drained.mutable_drained();
    attachment_->Report(std::move(drained));
    co_await attachment_->Close(kFarewell);
  }
  co_return exit_code_;
}

Awaitable<Result<void>> RuntimeImpl::Attach() {
  attachment_ = std::make_unique<Attachment>(reactor_, launch_.supervisor, launch_.role_token);
  v1::Hello hello;
  hello.set_worker(launch_.name);
  hello.set_version(std::string(kVersion));
  hello.add_api_versions("patchbay.worker.v1");
  hello.set_generation(launch_.generation);
  hello.set_pid(getpid());

  asio::steady_timer timer(io_, kAttachTimeout);
  timer.async_wait([](boost::system::error_code error) {
    if (error) return;
    log::Error("worker.attach_failed", {{"error", "no configuration from the supervisor in time"}});
    log::Flush();
    _exit(kExitTemporary);
  });
  CO_RETURN_IF_ERROR(co_await attachment_->Open(std::move(hello)));
  while (!configured_ || !verifier_) {
    v1::SupervisorOrder order;
    if (!co_await attachment_->NextOrder(order))
      co_return Error(ErrorCode::kUnavailable, "the supervisor refused the attach");
    Apply(order);
  }
  co_return Result<void>();
}

Awaitable<void> RuntimeImpl::FollowOrders() {
  for (;;) {
    v1::SupervisorOrder order;
    if (!co_await attachment_->NextOrder(order)) break;
    Apply(order);
  }
  if (!draining_) {
    exit_code_ = kExitTemporary;
    orphaned_ = true;
  }
  BeginDrain("the supervisor is gone", ToMilliseconds(config_.server().drain_timeout()));
}

void RuntimeImpl::Apply(const v1::SupervisorOrder& order) {
  switch (order.kind_case()) {
    case v1::SupervisorOrder::kConfiguration: return ApplyConfiguration(order.configuration());
    case v1::SupervisorOrder::kPeers:
      for (const auto& peer : order.peers().peers()) peers_[peer.role()] = peer.address();
      run_ = HexEncode(Sha256(order.peers().token_issuer_key()));
      if (!verifier_) verifier_ = std::make_unique<rpc::TokenVerifier>(order.peers().token_issuer_key());
      return;
    case v1::SupervisorOrder::kDrain:
      return BeginDrain("the supervisor asked", ToMilliseconds(order.drain().deadline()));
    case v1::SupervisorOrder::kLogLevel:
      if (const auto level = log::ParseLevel(order.log_level().level()); level.ok()) log::SetLevel(*level);
      return;
    case v1::SupervisorOrder::kAlive:
      alive_ = order.alive();
      for (const auto& hook : alive_hooks_) hook(*alive_);
      return;
    case v1::SupervisorOrder::KIND_NOT_SET: return;  // an order of a newer supervisor
  }
}

void RuntimeImpl::ApplyConfiguration(const v1::Configuration& order) {
  config_ = order.config();
  provider_keys_.assign(order.provider_keys().begin(), order.provider_keys().end());
  user_tokens_.assign(order.user_tokens().begin(), order.user_tokens().end());
  if (const auto level = log::ParseLevel(config_.log().level()); level.ok()) log::SetLevel(*level);
  if (!configured_) {
    configured_ = true;
    state_dir_ = order.state_dir();
    runtime_dir_ = order.runtime_dir();
    return;
  }
  v1::WorkerReport report;
  auto* applied = report.mutable_configuration_applied();
  applied->set_revision(order.revision());
  for (const auto& hook : configuration_hooks_) {
    Result<Taken> taken = hook(config_);
    if (!taken.ok()) {
      const Error& refusal = taken.error();
      applied->set_error(refusal.where.empty() ? refusal.message : refusal.where + ": " + refusal.message);
      break;
    }
    for (std::string& setting : taken->needs_restart) applied->add_needs_restart(std::move(setting));
    for (std::string& setting : taken->new_files) applied->add_new_files(std::move(setting));
  }
  attachment_->Report(std::move(report));
}

void RuntimeImpl::OnAlive(std::function<void(const v1::Alive&)> hook) {
  if (alive_) hook(*alive_);
  alive_hooks_.push_back(std::move(hook));
}

std::vector<int> RuntimeImpl::listeners(std::string_view name) const {
  const auto found = launch_.listeners.find(name);
  return found == launch_.listeners.end() ? std::vector<int>{} : found->second;
}

std::shared_ptr<grpc::Channel> RuntimeImpl::channel(std::string_view role) {
  auto& channel = channels_[std::string(role)];
  if (!channel) {
    const auto address = peers_.find(std::string(role));
    if (launch_.tls && address != peers_.end()) {
      channel = rpc::MakeTlsChannel(address->second, *launch_.tls, pki::kGatewayName);
      return channel;
    }
    // A peer that is not configured is an address where nobody listens: calls fail as unavailable.
    channel = rpc::MakeChannel(address == peers_.end() ? "unix:/nonexistent/" + std::string(role) : address->second,
                               launch_.role_token);
  }
  return channel;
}

void RuntimeImpl::Spawn(std::string_view what, Awaitable<void> task) { async::Spawn(io_, what, std::move(task)); }

void RuntimeImpl::Tell(events::v1::Event event) {
  if (attachment_ != nullptr) attachment_->Tell(std::move(event));
}

void RuntimeImpl::ReportStats() {
  v1::WorkerReport report;
  auto* stats = report.mutable_stats();
  (*stats->mutable_counters())["handler_failures_total"] = server_->handler_failures();
  for (const auto& hook : stats_hooks_) {
    for (const auto& [name, value] : hook()) {
      if (name == "in_flight") {
        stats->set_in_flight(value);
      } else if (name == "served_total") {
        stats->set_served_total(value);
      } else {
        (*stats->mutable_counters())[name] = value;
      }
    }
  }
  attachment_->Report(std::move(report));
}

Awaitable<void> RuntimeImpl::StatsLoop() {
  for (;;) {
    ReportStats();
    stats_timer_.expires_after(kStatsInterval);
    boost::system::error_code error;
    co_await stats_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

void RuntimeImpl::BeginDrain(std::string_view why, std::chrono::milliseconds deadline) {
  if (draining_) return;
  draining_ = true;
  drain_deadline_ = deadline;
  log::Info("worker.draining", {{"why", why}, {"deadline_ms", deadline.count()}});
  drain_asked_.Notify();
}

Awaitable<void> RuntimeImpl::DrainAll(std::chrono::milliseconds deadline) {
  introspection_->SetServing(false);
  // Whatever a hook waits for, the process ends at the deadline.
  asio::steady_timer limit(io_, deadline + kLastCalls);
  limit.async_wait([this](boost::system::error_code error) {
    if (error) return;
    log::Warn("worker.drain_deadline", {{"calls_cut", server_->in_flight()}});
    log::Flush();
    _exit(kExitTemporary);
  });

  // The hooks run beside the server's own drain: a hook ends the long-lived streams that it serves.
  auto left = std::make_shared<std::size_t>(drain_hooks_.size());
  // Two wait for the hooks, and an Event has one waiter.
  auto hooks_done = std::make_shared<async::Event>(io_.get_executor());
  auto all_done = std::make_shared<async::Event>(io_.get_executor());
  for (const auto& hook : drain_hooks_) {
    Spawn("drain", [](std::function<Awaitable<void>()> run, auto remaining, auto done, auto all) -> Awaitable<void> {
      co_await run();
      --*remaining;
      done->Notify();
      all->Notify();
    }(hook, left, hooks_done, all_done));
  }
  Spawn("drain.server", [](RuntimeImpl* self, auto remaining, auto done, auto within) -> Awaitable<void> {
    while (*remaining > 0) co_await done->Wait();
    asio::steady_timer pause(self->io_, std::min<std::chrono::milliseconds>(kLastCalls, within));
    boost::system::error_code ignored;
    if (self->server_->in_flight() > 0) co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    self->server_->CancelAll();
  }(this, left, hooks_done, deadline));
  co_await server_->Drain(deadline);
  while (*left > 0) co_await all_done->Wait();
}

}  // namespace patchbay::worker
