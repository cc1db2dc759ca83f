// accounts.v1.Leasing over the core: one session per connected frontend.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/async/broadcast.h"
#include "lib/async/event.h"
#include "lib/rpc/server.h"
#include "patchbay/accounts/v1/leasing.grpc.pb.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

class LeasingService {
 public:
  // Replies that wait for one frontend to read them; beyond, they are dropped, its stream is cancelled, and it comes
  // back and asks again.
  static constexpr std::size_t kOutboxMax = 100'000;
  static constexpr int kOpenLeasesMax = 100'000;  // in one Redeclare

  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;
  LeasingService(asio::io_context& io, Spawn spawn, Core& core, rpc::Server& server);

  // Makes every settlement that came in durable and acknowledged, then ends the streams. With `await_frontends` it
  // first waits until the frontends, which finish their calls meanwhile, have settled and gone.
  Awaitable<void> Drain(bool await_frontends);

  // Frontends whose process has ended lose their leases now, and nothing more is taken from their streams.
  void EndDead(const std::vector<LivingWorker>& living);

  std::size_t frontends() const { return sessions_.size(); }

 private:
  using Wire = rpc::ServerStream<v1::LeaseRequests, v1::LeaseReplies>;
  struct Session {
    Session(asio::any_io_executor executor, std::shared_ptr<Wire> stream)
        : wire(std::move(stream)), wake(std::move(executor)) {}
    const std::shared_ptr<Wire> wire;
    FrontendId frontend;
    std::uint64_t epoch = 0;
    std::deque<v1::LeaseReply> outbox;
    async::Event wake;
    bool declared = false;
    std::optional<Error> over;  // ends the stream once the outbox is empty; code kCancelled: the peer ended it
  };

  Awaitable<Result<void>> Serve(rpc::CallInfo call, std::shared_ptr<Wire> wire);
  Awaitable<void> Read(std::shared_ptr<Session> session, std::shared_ptr<Wire> wire);
  void Handle(Session& session, const v1::LeaseRequest& request);
  void Redeclare(Session& session, const v1::Redeclare& message);
  void Send(const FrontendId& frontend, v1::LeaseReply reply);
  void End(Session& session, Error error);

  asio::io_context& io_;
  Spawn spawn_;
  Core& core_;
  v1::Leasing::AsyncService service_;
  std::unordered_map<FrontendId, std::shared_ptr<Session>> sessions_;
  async::Broadcast session_ended_;
  std::uint64_t next_epoch_ = 1;
  bool draining_ = false;
};

}  // namespace patchbay::accounts
