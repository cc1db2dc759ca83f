// patchbay.upstream.v1.Upstream: model calls and small fetches, for other processes of ours.
//
// Owns nothing of policy: which account, and what a failure means, is decided elsewhere. Here facts
// are found and passed on. Single-threaded; lives as long as the process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "lib/async/event.h"
#include "lib/base/result.h"
#include "lib/rpc/server.h"
#include "patchbay/config/v1/config.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "workers/upstream/call/context.h"
#include "workers/upstream/call/model_call.h"
#include "workers/upstream/call/socket_call.h"

namespace patchbay::upstream {

// Calls open at once; more are refused with RESOURCE_EXHAUSTED.
inline constexpr std::int64_t kMaxOpenCalls = 20'000;
// WebSockets open at once; each may be large and lives long.
inline constexpr std::size_t kMaxOpenSockets = 4'000;

class UpstreamService {
 public:
  // `context`'s providers and config are replaced by Configure.
  explicit UpstreamService(CallContext context) : context_(std::move(context)), all_done_(context_.executor) {}

  // Applied to calls that begin from now on. The error names the setting; nothing has changed then.
  Result<void> Configure(const config::v1::Config& config);

  void Register(rpc::Server& server);

  // One model call. `on_cancel` is given a function that ends the call at once.
  using OnCancel = std::function<void(std::function<void()>)>;
  Awaitable<Result<void>> Call(CallStream& stream, OnCancel on_cancel);
  // One WebSocket, until it is closed.
  Awaitable<Result<void>> Socket(std::shared_ptr<SocketStream> stream, OnCancel on_cancel);
  Awaitable<Result<v1::FetchReply>> Fetch(v1::FetchRequest request);
  Result<v1::ReadErrorReply> ReadError(const v1::ReadErrorRequest& request) const;
  Awaitable<Result<v1::NotifyReply>> Notify(v1::NotifyRequest request);

  // Refuses new calls and closes sockets that no turn is running on; returns when everything open is done.
  Awaitable<void> Drain();

  std::map<std::string, std::int64_t> Counters() const;

 private:
  struct Open;  // counts an open call

  v1::Upstream::AsyncService grpc_;
  CallContext context_;
  bool draining_ = false;
  std::int64_t calls_open_ = 0;
  std::int64_t calls_total_ = 0;
  std::set<std::shared_ptr<SocketCall>> sockets_;
  async::Event all_done_;
};

}  // namespace patchbay::upstream
