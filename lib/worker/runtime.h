// The Runtime that Main gives to a worker, and the life that it leads.
#pragma once

#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/async/event.h"
#include "lib/base/exit.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/roles.h"
#include "lib/rpc/server.h"
#include "lib/worker/attachment.h"
#include "lib/worker/launch.h"
#include "lib/worker/worker.h"

namespace patchbay::worker {

class RuntimeImpl final : public Runtime {
 public:
  RuntimeImpl(asio::io_context& io, Launch launch);

  // The worker's whole life, from attaching to drained. The result is the exit code.
  Awaitable<int> Live(std::function<Result<void>(Runtime&)> build);

  asio::io_context& io() override { return io_; }
  rpc::Reactor& reactor() override { return reactor_; }
  rpc::Server& server() override { return *server_; }
  const Clock& clock() const override { return clock_; }
  const config::v1::Config& config() const override { return config_; }
  const std::vector<v1::ProviderKey>& provider_keys() const override { return provider_keys_; }
  const std::vector<v1::UserToken>& user_tokens() const override { return user_tokens_; }
  const std::filesystem::path& state_dir() const override { return state_dir_; }
  const std::filesystem::path& runtime_dir() const override { return runtime_dir_; }
  const std::string& name() const override { return launch_.name; }
  std::int64_t generation() const override { return launch_.generation; }
  const std::string& run() const override { return run_; }
  std::vector<int> listeners(std::string_view name) const override;
  std::shared_ptr<grpc::Channel> channel(std::string_view role) override;
  bool dials_out() const override { return launch_.tls.has_value(); }
  void Spawn(std::string_view what, Awaitable<void> task) override;
  void OnDrain(std::function<Awaitable<void>()> hook) override { drain_hooks_.push_back(std::move(hook)); }
  void OnConfiguration(std::function<Result<Taken>(const config::v1::Config&)> hook) override {
    configuration_hooks_.push_back(std::move(hook));
  }
  void OnAlive(std::function<void(const v1::Alive&)> hook) override;
  void OnStats(std::function<std::map<std::string, std::int64_t>()> hook) override {
    stats_hooks_.push_back(std::move(hook));
  }
  void Tell(events::v1::Event event) override;

 protected:
  void OwnShared(std::shared_ptr<void> object) override { owned_.push_back(std::move(object)); }

 private:
  // Takes orders until the first configuration and peers are here.
  Awaitable<Result<void>> Attach();
  // Takes orders until the stream ends; then the supervisor is gone.
  Awaitable<void> FollowOrders();
  void Apply(const v1::SupervisorOrder& order);
  void ApplyConfiguration(const v1::Configuration& order);
  void ReportStats();
  Awaitable<void> StatsLoop();
  void BeginDrain(std::string_view why, std::chrono::milliseconds deadline);
  Awaitable<void> DrainAll(std::chrono::milliseconds deadline);

  asio::io_context& io_;
  Launch launch_;
  SystemClock clock_;
  rpc::Reactor reactor_;
  config::v1::Config config_;
  std::vector<v1::ProviderKey> provider_keys_;
  std::vector<v1::UserToken> user_tokens_;
  std::filesystem::path state_dir_;
  std::filesystem::path runtime_dir_;
  std::string run_;  // a digest of the key that this supervisor signs its tokens with
  std::map<std::string, std::string> peers_;
  std::map<std::string, std::shared_ptr<grpc::Channel>, std::less<>> channels_;
  std::unique_ptr<rpc::TokenVerifier> verifier_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Introspection> introspection_;
  std::unique_ptr<Attachment> attachment_;  // null when running alone
  asio::signal_set signals_;
  asio::steady_timer stats_timer_;
  asio::steady_timer term_timer_;
  async::Event drain_asked_;
  std::chrono::milliseconds drain_deadline_{0};
  int exit_code_ = kExitDrained;
  const int parent_ = getppid();
  bool configured_ = false;
  std::vector<std::function<Awaitable<void>()>> drain_hooks_;
  std::vector<std::function<Result<Taken>(const config::v1::Config&)>> configuration_hooks_;
  std::vector<std::function<void(const v1::Alive&)>> alive_hooks_;
  std::optional<v1::Alive> alive_;  // what was told last
  std::vector<std::function<std::map<std::string, std::int64_t>()>> stats_hooks_;
  std::vector<std::shared_ptr<void>> owned_;
};

}  // namespace patchbay::worker
