// One turn's answer on its way to a client's WebSocket. What is said before the commit point is held back, so that a
// turn that moves to another account leaves no trace.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"
#include "workers/frontend/dialects/openai_responses/socket_frames.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/recorder/recorder.h"
#include "workers/frontend/responses_socket/frame_writer.h"

namespace patchbay::frontend {

// Of a call that opens a socket and does nothing more: there is nothing to say to anybody, and nothing to commit.
class DialSink final : public ReplySink {
 public:
  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute&) override { provider_ = granted.provider(); }
  void TakeHead(const upstream::v1::Head&) override {}
  // Whose socket was opened last.
  const std::string& provider() const { return provider_; }
  Losses losses() const override { return {}; }
  Result<void> TakeEvent(const inference::v1::GenerateEvent&) override { return NothingIsSaid(); }
  Result<bool> TakeBytes(std::string_view) override { return NothingIsSaid(); }
  bool streams() const override { return false; }
  void Commit() override {}
  Awaitable<bool> Flush() override { co_return true; }

 private:
  std::string provider_;
  static Error NothingIsSaid() { return Error(ErrorCode::kInternal, "a call that only opens a socket has no answer"); }
};

class SocketReply final : public ReplySink {
 public:
  // What was left out of the request and what was repaired is told before the first frame, but not to a native client.
  // `recording` is null while nobody records. `quota` says what the client is shown of it.
  SocketReply(std::shared_ptr<FrameWriter> writer, bool native,
              std::shared_ptr<const openai_responses::ResponsesBytes> request, RecordingPtr recording,
              QuotaSightOf quota, std::int64_t now)
      : writer_(std::move(writer)),
        native_(native),
        request_(std::move(request)),
        recording_(std::move(recording)),
        quota_(std::move(quota)),
        now_(now) {}

  void BeginAttempt(const accounts::v1::Granted&, const CallRoute& route) override;
  void TakeHead(const upstream::v1::Head&) override {}
  Losses losses() const override { return {ignored_, repaired_}; }
  Result<void> TakeEvent(const inference::v1::GenerateEvent&) override;
  Result<bool> TakeBytes(std::string_view frame) override;
  void Commit() override;
  Awaitable<bool> Flush() override;

  // The provider's own last frame has gone out.
  bool ended() const { return committed_ && encoder_ && encoder_->ended(); }

 private:
  std::shared_ptr<FrameWriter> writer_;
  const bool native_;
  const std::shared_ptr<const openai_responses::ResponsesBytes> request_;
  std::vector<std::string> ignored_, repaired_;
  const RecordingPtr recording_;
  const QuotaSightOf quota_;
  const std::int64_t now_;  // in seconds since the epoch
  QuotaSight sight_;        // of the attempt
  std::optional<openai_responses::FrameEncoder> encoder_;
  std::vector<std::string> held_;
  bool committed_ = false;
};

}  // namespace patchbay::frontend
