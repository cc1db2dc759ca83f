#include "workers/frontend/gateway/event_reply.h"

#include <utility>

#include "workers/frontend/engine/commit_point.h"

namespace patchbay::frontend {

gateway::v1::Notes NotesOf(const std::string& model, const accounts::v1::Granted& granted, const CallRoute& route) {
  gateway::v1::Notes notes;
  for (const std::string& name : route.ignored) notes.add_ignored(name);
  for (const std::string& what : route.repaired) notes.add_repaired(what);
  if (granted.wire_model() != model) notes.set_served_model(granted.wire_model());
  notes.set_provider(granted.provider());
  return notes;
}

void EventReply::BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) {
  pending_.clear_events();
  if (recording_ != nullptr) recording_->clear_events();
  notes_ = NotesOf(model_, granted, route);
  clock_.Granted();
}

void EventReply::TakeHead(const upstream::v1::Head& head) {
  clock_.Accepted();
  for (const std::string& name : head.ignored()) notes_.add_ignored(name);
  for (const std::string& what : head.repaired()) notes_.add_repaired(what);
}

Result<void> EventReply::TakeEvent(const inference::v1::GenerateEvent& event) {
  if (CarriesOutput(event)) clock_.Output();
  if (event.has_finished()) clock_.Ended();
  if (recording_ != nullptr) AppendEvent(event, *recording_);
  *pending_.add_events() = event;
  return {};
}

Awaitable<bool> EventReply::Record(RecordingPtr recording) {
  recording_ = std::move(recording);
  gateway::v1::GenerateReply first;
  first.set_recording(recording_->request_id());
  co_return co_await Send(std::move(first));
}

Awaitable<bool> EventReply::Flush() {
  if (!std::exchange(told_, true)) *pending_.mutable_notes() = notes_;
  if (pending_.events_size() == 0 && !pending_.has_notes() && !pending_.has_timings()) co_return true;
  gateway::v1::GenerateReply reply;
  reply.Swap(&pending_);
  bytes_ += reply.ByteSizeLong();
  co_return co_await Send(std::move(reply));
}

Awaitable<bool> EventReply::Send(gateway::v1::GenerateReply reply) {
  const auto overdue = time_.After(write_timeout_, [this] { writer_->Cancel(); });
  co_return co_await writer_->Send(reply);
}

void EventReply::Fail(const Problem& problem) {
  clock_.Ended();
  auto& failure = *pending_.add_events()->mutable_failed()->mutable_failure();
  failure.set_stage(inference::v1::FAILURE_STAGE_STREAM);
  failure.set_code(std::string(ToString(problem.kind)));
  failure.set_message(problem.message);
}

Awaitable<bool> EventReply::Finish() {
  clock_.Ended();
  clock_.Write(*pending_.mutable_timings());
  co_return co_await Flush();
}

}  // namespace patchbay::frontend
