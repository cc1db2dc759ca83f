// The answer to a socket's turn that was asked for over HTTP: whatever way it comes, its events go out as frames. What
// is said before the commit point is held back, so that a turn that moves to another account leaves no trace.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/wire/sse.h"
#include "workers/frontend/call/attempt_reply.h"
#include "workers/frontend/dialects/openai_responses/answers.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/recorder/recorder.h"
#include "workers/frontend/responses_socket/frame_writer.h"

namespace patchbay::frontend {

class HttpTurnReply final : public ReplySink {
 public:
  // What was left out of the request and what was repaired is told before the first frame, but not to a native client.
  // `recording` is null while nobody records.
  HttpTurnReply(std::shared_ptr<FrameWriter> writer, openai_responses::Answers answers, RecordingPtr recording)
      : writer_(std::move(writer)), answers_(std::move(answers)), recording_(std::move(recording)) {}

  void BeginAttempt(const accounts::v1::Granted&, const CallRoute& route) override;
  void TakeHead(const upstream::v1::Head& head) override;
  Losses losses() const override { return {ignored_, repaired_}; }
  Result<void> TakeEvent(const inference::v1::GenerateEvent& event) override;
  Result<bool> TakeBytes(std::string_view bytes) override;
  void Commit() override;
  Awaitable<bool> Flush() override { return writer_->Room(); }

  // After the engine returned, at most one of these. Complete's error means that the answer has no end.
  Result<void> Complete();
  // `response.failed`, unless the provider has ended the answer itself.
  void Break(const Problem& problem);

 private:
  // Whole events that were written become frames.
  Result<void> TakeFrames();

  std::shared_ptr<FrameWriter> writer_;
  const openai_responses::Answers answers_;
  const RecordingPtr recording_;
  std::vector<std::string> ignored_, repaired_;
  AttemptReply encoder_;
  std::optional<wire::SseParser> parser_;
  std::string written_;
  std::vector<std::string> held_;
  bool committed_ = false;
};

}  // namespace patchbay::frontend
