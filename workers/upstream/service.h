// patchbay.upstream.v1.Upstream: model calls and small fetches, for other processes of ours.
//
// Owns nothing of policy: which account, and what a failure means, is decided elsewhere. Here facts
// are found and passed on. Single-threaded; lives as long as the process.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/async/event.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/rpc/server.h"
#include "patchbay/config/v1/config.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "workers/upstream/identity/cookies/cookies.h"
#include "workers/upstream/identity/credentials.h"
#include "workers/upstream/providers/providers.h"
#include "workers/upstream/transport/http1/exchange.h"
#include "workers/upstream/transport/pool.h"

namespace patchbay::upstream {

// Calls open at once; more are refused with RESOURCE_EXHAUSTED.
inline constexpr std::int64_t kMaxOpenCalls = 20'000;
// WebSockets open at once; each may be large and lives long.
inline constexpr std::size_t kMaxOpenSockets = 4'000;
// A request body, raw or encoded.
inline constexpr std::uint64_t kMaxRequestBodyBytes = std::uint64_t{128} << 20;
inline constexpr std::size_t kMaxFetchReplyBytes = std::size_t{8} << 20;
// How long a call waits for the credential that its lease was made with.
inline constexpr std::chrono::milliseconds kCredentialWait{5'000};

using CallStream = rpc::Stream<v1::CallReply, v1::CallRequest>;
using SocketStream = rpc::Stream<v1::SocketReply, v1::SocketRequest>;

// What every call and fetch works with.
struct Environment {
  asio::any_io_executor executor;
  const Clock* clock = nullptr;
  std::shared_ptr<ConnectionPool> pool;
  CredentialCache* credentials = nullptr;
  CookieJar* cookies = nullptr;
  Providers providers;
  config::v1::Upstream config;

  // The configured limits; `total` is counted from now.
  Timeouts CallTimeouts(std::chrono::milliseconds total) const;
};

class SocketCall;

class UpstreamService {
 public:
  // `environment`'s providers and config are replaced by Configure.
  explicit UpstreamService(Environment environment)
      : environment_(std::move(environment)), all_done_(environment_.executor) {}

  // Applied to calls that begin from now on. The error names the setting; nothing has changed then.
  Result<void> Configure(const config::v1::Config& config);

  void Register(rpc::Server& server);

  // One model call. `on_cancel` is given a function that ends the call at once.
  using OnCancel = std::function<void(std::function<void()>)>;
  Awaitable<Result<void>> Call(CallStream& stream, OnCancel on_cancel);
  // One WebSocket, until it is closed.
  Awaitable<Result<void>> Socket(std::shared_ptr<SocketStream> stream, OnCancel on_cancel);
  Awaitable<Result<v1::FetchReply>> Fetch(v1::FetchRequest request);
  v1::GetStatsReply Stats() const;

  // Refuses new calls and closes sockets that no turn is running on; returns when everything open is done.
  Awaitable<void> Drain();

  std::map<std::string, std::int64_t> Counters() const;

 private:
  struct Open;  // counts an open call

  v1::Upstream::AsyncService grpc_;
  Environment environment_;
  bool draining_ = false;
  std::int64_t calls_open_ = 0;
  std::int64_t calls_total_ = 0;
  std::set<std::shared_ptr<SocketCall>> sockets_;
  async::Event all_done_;
};

}  // namespace patchbay::upstream
