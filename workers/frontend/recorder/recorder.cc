#include "workers/frontend/recorder/recorder.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"
#include "lib/wire/utf8.h"

namespace patchbay::frontend {
namespace {

constexpr std::chrono::milliseconds kLook{20};

// A protobuf string is UTF-8; a client's path and headers need not be.
std::string Text(std::string_view bytes) { return std::string(wire::IsValidUtf8(bytes) ? bytes : "?"); }

// What both ways have in common.
template <class Reply>
class RecordingEncoder : public Reply {
 public:
  RecordingEncoder(std::unique_ptr<Reply> encoder, RecordingPtr recording)
      : encoder_(std::move(encoder)), recording_(std::move(recording)) {
    recording_->clear_events();
    recording_->clear_provider_bytes();
    recording_->clear_response_body();
  }

  Result<void> End(std::string& out) override {
    const std::size_t before = out.size();
    auto ended = encoder_->End(out);
    NoteFrom(std::min(before, out.size()), out);
    return ended;
  }
  void Break(const Problem& problem, std::string& out) override {
    const std::size_t before = out.size();
    encoder_->Break(problem, out);
    NoteFrom(before, out);
  }
  std::string_view Heartbeat() const override { return encoder_->Heartbeat(); }

 protected:
  void NoteFrom(std::size_t before, const std::string& out) {
    AppendBounded(*recording_->mutable_response_body(), std::string_view(out).substr(before), *recording_);
  }

  const std::unique_ptr<Reply> encoder_;
  const RecordingPtr recording_;
};

class RecordingTranslation final : public RecordingEncoder<TranslatedReply> {
 public:
  using RecordingEncoder::RecordingEncoder;
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) override {
    AppendEvent(event, *recording_);
    const std::size_t before = out.size();
    auto written = encoder_->Event(event, out);
    NoteFrom(before, out);
    return written;
  }
};

class RecordingRelay final : public RecordingEncoder<RelayedReply> {
 public:
  using RecordingEncoder::RecordingEncoder;
  Result<bool> Bytes(std::string_view bytes, std::string& out) override {
    AppendBounded(*recording_->mutable_provider_bytes(), bytes, *recording_);
    const std::size_t before = out.size();
    auto written = encoder_->Bytes(bytes, out);
    NoteFrom(before, out);
    return written;
  }
};

}  // namespace

void AppendBounded(std::string& kept, std::string_view bytes, gateway::v1::Recording& recording) {
  const std::size_t room = Recorder::kMaxBytes - std::min(kept.size(), Recorder::kMaxBytes);
  if (bytes.size() > room) recording.set_cut(true);
  kept.append(bytes.substr(0, room));
}

void AppendEvent(const inference::v1::GenerateEvent& event, gateway::v1::Recording& recording) {
  if (recording.events_size() < Recorder::kMaxEvents) {
    *recording.add_events() = event;
  } else {
    recording.set_cut(true);
  }
}

void AppendFrame(std::string& kept, std::string_view frame, gateway::v1::Recording& recording) {
  std::string event;
  const auto value = wire::ParseJson(frame);
  const std::string_view type = value.ok() ? wire::FindString(*value, "type") : std::string_view();
  const bool named = !type.empty() && type.find_first_of("\r\n") == std::string_view::npos;
  named ? wire::AppendSseEvent(event, type, frame) : wire::AppendSseData(event, frame);
  AppendBounded(kept, event, recording);
}

std::unique_ptr<TranslatedReply> Recorded(std::unique_ptr<TranslatedReply> encoder, RecordingPtr recording) {
  return std::make_unique<RecordingTranslation>(std::move(encoder), std::move(recording));
}

std::unique_ptr<RelayedReply> Recorded(std::unique_ptr<RelayedReply> encoder, RecordingPtr recording) {
  return std::make_unique<RecordingRelay>(std::move(encoder), std::move(recording));
}

ReplyPlan Recorded(ReplyPlan plan, RecordingPtr recording) {
  plan.translated = [make = std::move(plan.translated), recording] { return Recorded(make(), recording); };
  plan.relayed = [make = std::move(plan.relayed), recording](const CallRoute& route) {
    return Recorded(make(route), recording);
  };
  return plan;
}

void Recorder::Clear() {
  kept_.clear();
  ++epoch_;
}

RecordingPtr Recorder::Begin(const Asked& asked, std::string_view body) {
  if (clock_.Steady() >= armed_until_) {
    kept_.clear();  // nobody came for them
    return nullptr;
  }
  auto recording = std::make_shared<gateway::v1::Recording>();
  recording->set_epoch(epoch_);
  recording->set_request_id(std::string(asked.request_id));
  recording->set_dialect(std::string(asked.dialect));
  recording->set_path(Text(asked.path));
  recording->set_originator(Text(asked.originator));
  AppendBounded(*recording->mutable_request_body(), body, *recording);
  return recording;
}

void Recorder::End(RecordingPtr recording, std::string_view model, int status, std::string_view ending,
                   std::string_view problem) {
  if (recording->epoch() != epoch_ || clock_.Steady() >= armed_until_) return;
  recording->set_model(Text(model));
  recording->set_status(status);
  recording->set_ending(ending.empty() ? "refused" : std::string(ending));
  recording->set_problem(std::string(problem));
  if (kept_.size() >= kMaxKept) kept_.pop_front();
  kept_.push_back(std::move(recording));
}

Awaitable<RecordingPtr> Recorder::Next(std::chrono::milliseconds wait) {
  wait = std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(0), kMaxWait);
  const SteadyTime until = clock_.Steady() + wait;
  armed_until_ = std::max(armed_until_, until + kLinger);
  asio::steady_timer timer(io_);
  while (kept_.empty() && clock_.Steady() < until) {
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  armed_until_ = clock_.Steady() + kLinger;
  if (kept_.empty()) co_return nullptr;
  RecordingPtr recording = std::move(kept_.front());
  kept_.pop_front();
  co_return recording;
}

}  // namespace patchbay::frontend
