// A worker in about sixty lines: it asks the gateway for its models every few seconds and logs what came or went.
// docs/writing-a-worker.md walks through it; tests/integration spawns it.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "lib/worker/worker.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"

namespace patchbay::example {
namespace {

using namespace std::chrono_literals;

class ModelWatch {
 public:
  explicit ModelWatch(worker::Runtime& runtime)
      : reactor_(runtime.reactor()),
        gateway_(gateway::v1::Gateway::NewStub(runtime.channel("frontend"))),
        pause_(runtime.io()) {}

  Awaitable<void> Run() {
    while (!stopped_) {
      const gateway::v1::ListModelsRequest request;
      const auto models = co_await rpc::Unary<gateway::v1::ListModelsReply>(
          reactor_, 5s, [&](auto* context, auto* queue) { return gateway_->AsyncListModels(context, request, queue); });
      if (models.ok()) Compare(*models);
      pause_.expires_after(2s);
      boost::system::error_code stopped;
      co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
    }
  }
  void Stop() {
    stopped_ = true;
    pause_.cancel();
  }
  std::int64_t looks() const { return looks_; }

 private:
  void Compare(const gateway::v1::ListModelsReply& models) {
    ++looks_;
    std::set<std::string> now;
    for (const auto& model : models.models()) now.insert(model.id());
    for (const auto& id : now)
      if (!known_.contains(id)) log::Info("model.appeared", {{"model", id}});
    for (const auto& id : known_)
      if (!now.contains(id)) log::Info("model.gone", {{"model", id}});
    known_ = std::move(now);
  }

  rpc::Reactor& reactor_;
  std::unique_ptr<gateway::v1::Gateway::Stub> gateway_;
  asio::steady_timer pause_;
  bool stopped_ = false;
  std::int64_t looks_ = 0;
  std::set<std::string> known_;
};

}  // namespace
}  // namespace patchbay::example

int main(int argc, char** argv) {
  using namespace patchbay;
  return worker::Main(argc, argv, {.name = "example", .standalone = {}}, [](worker::Runtime& runtime) -> Result<void> {
    auto& watch = runtime.Own(std::make_unique<example::ModelWatch>(runtime));
    runtime.Spawn("watch", watch.Run());
    runtime.OnDrain([&watch]() -> Awaitable<void> {
      watch.Stop();
      co_return;
    });
    runtime.OnStats([&watch] { return std::map<std::string, std::int64_t>{{"served_total", watch.looks()}}; });
    return {};
  });
}
