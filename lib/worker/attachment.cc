#include "lib/worker/attachment.h"

#include <boost/asio/redirect_error.hpp>

#include "lib/async/spawn.h"

namespace patchbay::worker {
namespace {

constexpr std::size_t kMaxQueuedReports = 64;
constexpr int kMaxQueuedEvents = 1000;

}  // namespace

Attachment::Attachment(rpc::Reactor& reactor, const std::string& address, const Secret& token)
    : reactor_(reactor),
      stub_(worker::v1::Supervision::NewStub(rpc::MakeChannel(address, token))),
      line_(std::make_shared<Line>(reactor.io().get_executor())) {}

Awaitable<Result<void>> Attachment::Open(worker::v1::Hello hello) {
  line_->stream = rpc::OpenStream<worker::v1::WorkerReport, worker::v1::SupervisorOrder>(
      reactor_, [this](auto* context, auto* queue) { return stub_->PrepareAsyncAttach(context, queue); });
  worker::v1::WorkerReport report;
  *report.mutable_hello() = std::move(hello);
  if (!co_await line_->stream->Send(report)) {
    CO_RETURN_IF_ERROR(co_await line_->stream->Finish());
    co_return Error(ErrorCode::kUnavailable, "the supervisor ended the attach stream");
  }
  async::Spawn(reactor_.io(), "reports", WriteLoop(line_));
  co_return Result<void>();
}

void Attachment::Report(worker::v1::WorkerReport report) {
  auto& outbox = line_->outbox;
  // Only the latest counters matter; everything else is kept.
  if (report.has_stats()) std::erase_if(outbox, [](const auto& queued) { return queued.has_stats(); });
  if (outbox.size() < kMaxQueuedReports) outbox.push_back(std::move(report));
  line_->more.Notify();
}

void Attachment::Tell(events::v1::Event event) {
  worker::v1::Events& waiting = line_->events;
  if (waiting.events_size() < kMaxQueuedEvents) {
    *waiting.add_events() = std::move(event);
  } else {
    waiting.set_lost(waiting.lost() + 1);
  }
  line_->more.Notify();
}

Awaitable<bool> Attachment::NextOrder(worker::v1::SupervisorOrder& order) { return line_->stream->Receive(order); }

Awaitable<void> Attachment::WriteLoop(std::shared_ptr<Line> line) {
  for (;;) {
    while (!line->outbox.empty() || line->events.events_size() > 0) {
      worker::v1::WorkerReport report;
      if (line->outbox.empty()) {
        report.mutable_events()->Swap(&line->events);
      } else {
        report = std::move(line->outbox.front());
        line->outbox.pop_front();
      }
      if (!co_await line->stream->Send(report)) {
        line->closed = true;
        line->written.Notify();
        co_return;
      }
    }
    if (line->closing) break;
    co_await line->more.Wait();
  }
  co_await line->stream->CloseSend();
  line->closed = true;
  line->written.Notify();
}

Awaitable<void> Attachment::Close(std::chrono::milliseconds patience) {
  line_->closing = true;
  line_->more.Notify();
  asio::steady_timer timer(reactor_.io(), patience);
  timer.async_wait([line = line_](boost::system::error_code error) {
    if (!error) line->written.Notify();
  });
  if (!line_->closed) co_await line_->written.Wait();
}

}  // namespace patchbay::worker
