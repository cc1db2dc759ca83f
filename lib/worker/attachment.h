// The worker's line to its supervisor: reports go out in order through one writer, orders come in.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "lib/async/event.h"
#include "lib/rpc/channel.h"
#include "patchbay/worker/v1/supervision.grpc.pb.h"

namespace patchbay::worker {

class Attachment {
 public:
  Attachment(rpc::Reactor& reactor, const std::string& address, const Secret& token);

  // Opens the stream and says hello. kUnavailable when the supervisor does not answer.
  Awaitable<Result<void>> Open(worker::v1::Hello hello);
  // Queues a report; never waits. The queue is bounded by dropping older Stats.
  void Report(worker::v1::WorkerReport report);
  // The same of an event. Those that wait go together; of too many the latest are counted only.
  void Tell(events::v1::Event event);
  // False when the stream has ended: the supervisor is gone.
  Awaitable<bool> NextOrder(worker::v1::SupervisorOrder& order);
  // Sends what is queued and closes our side, giving up after `patience`.
  Awaitable<void> Close(std::chrono::milliseconds patience);

 private:
  // What the writer holds on to.
  struct Line {
    explicit Line(asio::any_io_executor executor) : more(executor), written(executor) {}
    std::unique_ptr<rpc::Stream<worker::v1::WorkerReport, worker::v1::SupervisorOrder>> stream;
    std::deque<worker::v1::WorkerReport> outbox;
    worker::v1::Events events;  // that wait to be a report; they go after the outbox
    async::Event more;
    async::Event written;
    bool closing = false;
    bool closed = false;
  };
  static Awaitable<void> WriteLoop(std::shared_ptr<Line> line);

  rpc::Reactor& reactor_;
  std::unique_ptr<worker::v1::Supervision::Stub> stub_;
  std::shared_ptr<Line> line_;
};

}  // namespace patchbay::worker
