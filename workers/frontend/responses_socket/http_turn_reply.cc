#include "workers/frontend/responses_socket/http_turn_reply.h"

#include <utility>

#include "workers/frontend/dialects/openai_responses/socket_frames.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend {

void HttpTurnReply::BeginAttempt(const accounts::v1::Granted&, const CallRoute& route) {
  const auto attempt = [this](auto encoder) {
    return AttemptReply(recording_ == nullptr ? std::move(encoder) : Recorded(std::move(encoder), recording_));
  };
  encoder_ = route.relay ? attempt(answers_.Relayed(route)) : attempt(answers_.Translated());
  parser_.emplace();
  written_.clear();
  held_.clear();
  ignored_ = route.ignored;
  repaired_ = route.repaired;
}

void HttpTurnReply::TakeHead(const upstream::v1::Head& head) {
  const auto wishes = openai_responses::translated::Wishes();
  for (std::string name : head.ignored()) {
    for (const WishedFor& wish : wishes) {
      if (wish.canonical == name) name = wish.field;
    }
    ignored_.push_back(std::move(name));
  }
  repaired_.insert(repaired_.end(), head.repaired().begin(), head.repaired().end());
}

Result<void> HttpTurnReply::TakeEvent(const inference::v1::GenerateEvent& event) {
  RETURN_IF_ERROR(encoder_.Event(event, written_));
  return TakeFrames();
}

Result<bool> HttpTurnReply::TakeBytes(std::string_view bytes) {
  ASSIGN_OR_RETURN(const bool output, encoder_.Bytes(bytes, written_));
  RETURN_IF_ERROR(TakeFrames());
  return output;
}

Result<void> HttpTurnReply::TakeFrames() {
  RETURN_IF_ERROR(parser_->Feed(written_, [&](const wire::SseEvent& event) { held_.emplace_back(event.data); }));
  written_.clear();
  if (committed_) Commit();
  return {};
}

void HttpTurnReply::Commit() {
  if (!std::exchange(committed_, true) && !answers_.request->request().client.native) {
    for (std::string frame : {openai_responses::IgnoredFrame(ignored_), openai_responses::RepairedFrame(repaired_)}) {
      writer_->Push(std::move(frame));
    }
  }
  for (std::string& frame : held_) writer_->Push(std::move(frame));
  held_.clear();
}

Result<void> HttpTurnReply::Complete() {
  RETURN_IF_ERROR(encoder_->End(written_));
  RETURN_IF_ERROR(TakeFrames());
  Commit();
  return {};
}

void HttpTurnReply::Break(const Problem& problem) {
  encoder_->Break(problem, written_);
  if (TakeFrames().ok()) Commit();
}

}  // namespace patchbay::frontend
