// The frontend's long-lived stream to the accounts worker.
//
// One coroutine (Run) keeps the stream: it opens it, declares what is open, reads replies and hands
// them to whoever waits; a second one drains an outbox into it. When accounts restarts, everything
// that has no answer yet is sent again: requests waiting for an account, open leases, settlements
// that were not acknowledged. All three are idempotent on the other side.
//
// Lives on one thread. Run must have returned before it is destroyed.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "lib/async/event.h"
#include "lib/rpc/stream.h"
#include "workers/frontend/engine/leasing.h"
#include "workers/frontend/peers/reconnect.h"

namespace patchbay::frontend {

using LeaseStream = rpc::Stream<accounts::v1::LeaseRequests, accounts::v1::LeaseReplies>;

class LeaseClient final : public Leaser {
 public:
  // Settlements waiting for their acknowledgement. Beyond this the oldest is dropped, with an error in the log.
  static constexpr std::size_t kMaxUnacknowledgedSettles = 10'000;
  // Messages not yet taken by a stream that is slow; beyond this the stream is opened anew.
  static constexpr std::size_t kMaxOutbox = 65'536;
  // Of the outbox in one message.
  static constexpr std::size_t kMaxBatch = 256;
  // How much longer than its own wait a request waits for the answer.
  static constexpr std::chrono::milliseconds kAnswerGrace{5'000};

  using OpenStream = std::function<Awaitable<std::unique_ptr<LeaseStream>>()>;

  LeaseClient(asio::any_io_executor executor, OpenStream open);

  // Keeps the stream until Stop. Settlements that are still unacknowledged then are given up, loudly.
  Awaitable<void> Run();
  void Stop();
  // Returns when every settlement is acknowledged, or after `timeout`.
  Awaitable<void> WaitSettled(std::chrono::milliseconds timeout);

  Awaitable<Result<LeaseAnswer>> Acquire(accounts::v1::Acquire request, std::chrono::milliseconds max_wait,
                                         Cancellation& cancellation) override;
  Awaitable<Result<LeaseAnswer>> Retry(Lease lease, accounts::v1::Retry request, accounts::v1::Settle otherwise,
                                       std::chrono::milliseconds max_wait, Cancellation& cancellation) override;
  void Settle(accounts::v1::Settle settlement) override;

  bool connected() const { return connected_; }
  std::size_t open_leases() const { return open_.size(); }
  std::size_t unacknowledged() const { return settles_.size(); }

 private:
  // Somebody who asked and has no answer yet.
  struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : changed(executor) {}
    accounts::v1::LeaseRequest request;
    accounts::v1::Redeclare::OpenLease asked;  // of what is granted, as far as the request tells it
    std::optional<accounts::v1::LeaseReply> reply;
    async::Event changed;
  };
  // One connection's life.
  struct Session {
    Session(const asio::any_io_executor& executor, std::unique_ptr<LeaseStream> s)
        : stream(std::move(s)), work(executor), writer_done(executor) {}
    std::unique_ptr<LeaseStream> stream;
    std::deque<accounts::v1::LeaseRequest> outbox;
    bool over = false;
    async::Event work;
    async::Event writer_done;
  };

  Awaitable<Result<LeaseAnswer>> Ask(std::string request_id, std::shared_ptr<Waiter> waiter,
                                     std::chrono::milliseconds max_wait, Cancellation& cancellation);
  Awaitable<void> RunSession(std::shared_ptr<Session> session);
  Awaitable<void> Write(std::shared_ptr<Session> session);
  void Connected();
  void Redeclare(Session& session) const;
  void Dispatch(accounts::v1::LeaseReply reply);
  void Answer(accounts::v1::LeaseReply reply);
  void Send(accounts::v1::LeaseRequest request);

  asio::any_io_executor executor_;
  OpenStream open_stream_;
  std::shared_ptr<Session> session_;  // null while there is no stream
  bool connected_ = false;
  Reconnect reconnect_;

  std::unordered_map<std::string, std::shared_ptr<Waiter>> waiters_;                      // by request id
  std::unordered_map<std::string, accounts::v1::Redeclare::OpenLease> open_;              // by lease id
  std::list<accounts::v1::Settle> settles_;                                               // oldest first
  std::unordered_map<std::string, std::list<accounts::v1::Settle>::iterator> settle_of_;  // by lease id
};

}  // namespace patchbay::frontend
