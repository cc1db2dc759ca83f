#include "workers/frontend/gateway/embed_sink.h"

#include <utility>

#include "workers/frontend/dialects/common/reply/embeddings.h"
#include "workers/frontend/gateway/event_reply.h"

namespace patchbay::frontend {

void EmbedSink::BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) {
  body_.clear();
  notes_ = NotesOf(model_, granted, route);
  clock_.Granted();
}

void EmbedSink::TakeHead(const upstream::v1::Head&) { clock_.Accepted(); }

Losses EmbedSink::losses() const {
  return {{notes_.ignored().begin(), notes_.ignored().end()}, {notes_.repaired().begin(), notes_.repaired().end()}};
}

Result<void> EmbedSink::TakeEvent(const inference::v1::GenerateEvent&) {
  return Error(ErrorCode::kInternal, "an answer with embeddings comes as bytes");
}

Result<bool> EmbedSink::TakeBytes(std::string_view bytes) {
  body_.append(bytes);
  return true;
}

Result<gateway::v1::EmbedReply> EmbedSink::Take(int inputs) {
  clock_.Ended();
  ASSIGN_OR_RETURN(auto reply, ReadEmbeddings(body_, inputs));
  *reply.mutable_notes() = notes_;
  clock_.Write(*reply.mutable_timings());
  return reply;
}

}  // namespace patchbay::frontend
