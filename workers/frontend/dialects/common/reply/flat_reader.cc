#include "workers/frontend/dialects/common/reply/flat_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "workers/frontend/dialects/common/reply/characters.h"

namespace patchbay::frontend {
namespace {

constexpr std::string_view kBlankLine = "\n\n";
constexpr std::int64_t kLastCharacter = std::numeric_limits<std::int32_t>::max();

}  // namespace

void FlatReader::OnText(int item, int part, std::string_view text) {
  if (text_item_ != item) {
    if (text_item_ >= 0) {
      listener_.OnText(kBlankLine);
      characters_ += static_cast<std::int32_t>(kBlankLine.size());
    }
    text_item_ = item;
  }
  Range& range = texts_.try_emplace({item, part}, Range{characters_, characters_}).first->second;
  characters_ += static_cast<std::int32_t>(CountCharacters(text));
  range.end = characters_;
  if (logprobs_ != nullptr) listener_.OnLogprobs(*std::exchange(logprobs_, nullptr));
  listener_.OnText(text);
}

void FlatReader::OnReasoning(int item, int part, std::string_view text) {
  if (reasoning_item_ >= 0 && (reasoning_item_ != item || reasoning_part_ != part)) listener_.OnReasoning(kBlankLine);
  reasoning_item_ = item;
  reasoning_part_ = part;
  listener_.OnReasoning(text);
}

void FlatReader::OnCall(int /*item*/, const inference::v1::ToolCall& call) {
  call_kind_ = call.kind();
  call_has_input_ = false;
  listener_.OnCall(calls_, call);
  ++calls_;
}

void FlatReader::OnCallInput(int /*item*/, std::string_view text) {
  call_has_input_ = true;
  listener_.OnCallInput(calls_ - 1, call_kind_, text);
}

void FlatReader::OnCitation(int item, int part, const inference::v1::Citation& citation) {
  const auto found = texts_.find({item, part});
  const Range text = found == texts_.end() ? Range{characters_, characters_} : found->second;
  const bool of_all = citation.begin() == 0 && citation.end() == 0;
  const auto place = [&](std::int32_t offset) {
    return static_cast<std::int32_t>(std::min(std::int64_t{text.begin} + offset, kLastCharacter));
  };
  inference::v1::Citation placed = citation;
  placed.set_begin(of_all ? text.begin : place(citation.begin()));
  placed.set_end(of_all ? text.end : place(citation.end()));
  listener_.OnCitation(placed);
}

Result<void> FlatReader::OnItemDone(int item, const inference::v1::Item& whole) {
  // Clients parse the arguments as JSON, which an empty string is not.
  const bool function = whole.has_tool_call() && call_kind_ == inference::v1::TOOL_KIND_FUNCTION;
  if (function && !call_has_input_) OnCallInput(item, "{}");
  listener_.OnItemDone(whole);
  return {};
}

void FlatReader::OnFinished(const inference::v1::Finished& finished) {
  inference::v1::FinishReason reason = finished.reason();
  if (!finished.stop_sequence().empty()) return listener_.OnFinished(inference::v1::FINISH_REASON_STOP);
  // A provider that says "stop" after asking for tools means the tools (client-protocols G.1).
  if (reason == inference::v1::FINISH_REASON_UNSPECIFIED || reason == inference::v1::FINISH_REASON_STOP) {
    reason = calls_ > 0 ? inference::v1::FINISH_REASON_TOOL_CALLS : inference::v1::FINISH_REASON_STOP;
  }
  listener_.OnFinished(reason);
}

}  // namespace patchbay::frontend
