#include "workers/frontend/recorder/bridged_calls.h"

#include <algorithm>
#include <utility>

namespace patchbay::frontend {
namespace {

constexpr std::string_view kUnnamed = "gateway";
constexpr std::size_t kLongestDialect = 64, kLongestName = 1024;

// It becomes a part of a folder's name.
bool MayBeDialect(std::string_view text) {
  return !text.empty() && text.size() <= kLongestDialect && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string NameOf(std::string& told) { return told.size() <= kLongestName ? std::move(told) : std::string("?"); }

}  // namespace

RecordingPtr BridgedCalls::Begin(std::string_view request_id, std::string_view bridge) {
  RecordingPtr recording =
      recorder_.Begin({.request_id = request_id, .dialect = kUnnamed, .path = {}, .originator = {}}, /*body=*/{});
  if (recording == nullptr) {
    open_.clear();  // nobody will come for them
    return nullptr;
  }
  if (const auto before = Find(request_id); before != open_.end()) open_.erase(before);
  if (open_.size() >= kMaxOpen) {
    // Rather one that nobody tells of any more than one that still runs.
    const auto over = std::find_if(open_.begin(), open_.end(), [](const Half& half) { return half.ended; });
    open_.erase(over == open_.end() ? open_.begin() : over);
  }
  open_.push_back({.recording = recording, .bridge = std::string(bridge), .ending = {}, .problem = {}});
  return recording;
}

void BridgedCalls::Ended(const std::string& request_id, std::string_view ending, std::string_view problem) {
  const auto half = Find(request_id);
  if (half == open_.end()) return;
  half->ended = true;
  half->ending = ending;
  half->problem = problem;
  FinishIfWhole(half);
}

void BridgedCalls::Forget(const std::string& request_id) {
  if (const auto half = Find(request_id); half != open_.end()) open_.erase(half);
}

void BridgedCalls::Tell(std::string_view bridge, gateway::v1::Recording told) {
  const auto half = Find(told.request_id());
  if (half == open_.end() || half->bridge != bridge || half->told) return;
  gateway::v1::Recording& recording = *half->recording;
  if (MayBeDialect(told.dialect())) recording.set_dialect(told.dialect());
  recording.set_path(NameOf(*told.mutable_path()));
  recording.set_model(NameOf(*told.mutable_model()));
  recording.set_status(told.status());
  recording.set_stream(told.stream());
  recording.set_lines(told.lines());
  if (told.cut()) recording.set_cut(true);
  AppendBounded(*recording.mutable_request_body(), told.request_body(), recording);
  AppendBounded(*recording.mutable_response_body(), told.response_body(), recording);
  half->told = true;
  FinishIfWhole(half);
}

BridgedCalls::Halves::iterator BridgedCalls::Find(std::string_view request_id) {
  return std::find_if(open_.begin(), open_.end(),
                      [&](const Half& half) { return half.recording->request_id() == request_id; });
}

void BridgedCalls::FinishIfWhole(Halves::iterator half) {
  if (!half->ended || !half->told) return;
  const Half whole = std::move(*half);
  open_.erase(half);
  const std::string model = whole.recording->model();
  recorder_.End(whole.recording, model, whole.recording->status(), whole.ending, whole.problem);
}

}  // namespace patchbay::frontend
