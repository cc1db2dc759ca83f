// Calls as they were, kept for an operator who asks for them right now. Memory only, bounded, and nothing at all
// while nobody asks. One thread.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "patchbay/gateway/v1/recorder.pb.h"
#include "workers/frontend/call/reply_plan.h"

namespace patchbay::frontend {

using RecordingPtr = std::shared_ptr<gateway::v1::Recording>;

// Adds `bytes` as far as a recording may hold them.
void AppendBounded(std::string& kept, std::string_view bytes, gateway::v1::Recording& recording);

// The same for an event of an answer.
void AppendEvent(const inference::v1::GenerateEvent& event, gateway::v1::Recording& recording);

// The same for a frame of a WebSocket, as an event of a stream.
void AppendFrame(std::string& kept, std::string_view frame, gateway::v1::Recording& recording);

// Write what `encoder` writes, and note what goes in and what comes out. Only the last attempt's remains.
std::unique_ptr<TranslatedReply> Recorded(std::unique_ptr<TranslatedReply> encoder, RecordingPtr recording);
std::unique_ptr<RelayedReply> Recorded(std::unique_ptr<RelayedReply> encoder, RecordingPtr recording);
// The plan with its encoders recorded.
ReplyPlan Recorded(ReplyPlan plan, RecordingPtr recording);

class Recorder {
 public:
  static constexpr std::size_t kMaxKept = 16;
  // Of a request, of a provider's answer and of ours, each.
  static constexpr std::size_t kMaxBytes = 2 * 1024 * 1024;
  static constexpr int kMaxEvents = 20'000;
  // How long after a question calls are still kept for the next one.
  static constexpr std::chrono::seconds kLinger{5};
  static constexpr std::chrono::seconds kMaxWait{20};

  Recorder(asio::io_context& io, const Clock& clock) : io_(io), clock_(clock) {}

  // Who asked, and where.
  struct Asked {
    std::string_view request_id, dialect, path;
    std::string_view originator;  // what program the client says it is
  };
  // Null while nobody asks.
  RecordingPtr Begin(const Asked& asked, std::string_view body);
  void End(RecordingPtr recording, std::string_view model, int status, std::string_view ending,
           std::string_view problem);
  // Forgets what is kept.
  void Clear();
  // Null when none ended in time.
  Awaitable<RecordingPtr> Next(std::chrono::milliseconds wait);

 private:
  asio::io_context& io_;
  const Clock& clock_;
  SteadyTime armed_until_{};
  std::uint64_t epoch_ = 0;  // of Clear: a call that began before does not count after
  std::deque<RecordingPtr> kept_;
};

}  // namespace patchbay::frontend
