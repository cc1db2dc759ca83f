#include "workers/frontend/dialects/openai_chat/relay/chat_replies.h"

#include <algorithm>

#include "lib/wire/json_reader.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_chat {
namespace {

constexpr std::string_view kBlankLines[] = {"\n\n", "\r\n\r\n"};

// {"choices":[],"usage":{…}}
bool TellsUsageAlone(std::string_view data) {
  bool usage = false, choices = false;
  wire::JsonReader(data).ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "usage") usage = !value.RawObject().empty();
    if (key == "choices") wire::JsonReader(value.RawArray()).ForEachElement([&](wire::JsonValue) { choices = true; });
  });
  return usage && !choices;
}

// Where the first whole event ends; all of the bytes when there is none.
std::size_t EndOfFirstEvent(std::string_view bytes) {
  std::size_t end = bytes.size();
  for (const std::string_view blank : kBlankLines) {
    const std::size_t found = bytes.find(blank);
    if (found != std::string_view::npos) end = std::min(end, found + blank.size());
  }
  return end;
}

// Where the last whole event ends: after the last blank line.
std::size_t EndOfWholeEvents(std::string_view bytes) {
  const std::size_t lf = bytes.rfind("\n\n"), crlf = bytes.rfind("\r\n\r\n");
  return std::max(lf == std::string_view::npos ? 0 : lf + 2, crlf == std::string_view::npos ? 0 : crlf + 4);
}

// {"role":"assistant","content":""} says nothing yet; anything else that a delta has is output.
bool DeltaSaysSomething(std::string_view delta) {
  bool says = false;
  wire::JsonReader(delta).ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "role") return;
    if (key == "tool_calls") {
      says = says || value.RawArray().size() > 2;
    } else {
      says = says || !value.Text().empty();
    }
  });
  return says;
}

}  // namespace

Result<bool> ChatStreamRelay::Bytes(std::string_view bytes, std::string& out) {
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) { See(event.data); }));
  carry_.append(bytes);
  if (carry_.size() > kMaxEventBytes)
    return Error(ErrorCode::kTooLarge, "an event is too large").From(Origin::kUpstream);
  const std::size_t end = EndOfWholeEvents(carry_);
  const std::string_view whole = std::string_view(carry_).substr(0, end);
  told_usage_ ? AppendWithoutUsage(whole, out) : void(out.append(whole));
  carry_.erase(0, end);
  return carried_output_;
}

void ChatStreamRelay::AppendWithoutUsage(std::string_view events, std::string& out) {
  while (!events.empty()) {
    const std::string_view event = events.substr(0, EndOfFirstEvent(events));
    events.remove_prefix(event.size());
    bool drops = false;
    wire::SseParser parser;
    const auto fed = parser.Feed(event, [&](const wire::SseEvent& each) { drops = TellsUsageAlone(each.data); });
    if (!fed.ok() || !drops) out.append(event);
  }
}

void ChatStreamRelay::See(std::string_view data) {
  if (data == "[DONE]") {
    ended_ = true;
    return;
  }
  bool usage = false, answers = false;
  wire::JsonReader(data).ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "error") ended_ = ended_ || !value.RawObject().empty();
    if (key == "usage") usage = !value.RawObject().empty();
    if (key != "choices") return;
    const std::string_view array = value.RawArray();
    answers = array.find('{') != std::string_view::npos;
    if (carried_output_) return;
    wire::JsonReader choices(array);
    choices.ForEachElement([&](wire::JsonValue choice) {
      wire::JsonReader(choice.RawObject()).ForEachMember([&](std::string_view name, wire::JsonValue member) {
        if (name == "delta") carried_output_ = carried_output_ || DeltaSaysSomething(member.RawObject());
        if (name == "finish_reason") carried_output_ = carried_output_ || !member.Text().empty();
      });
    });
  });
  told_usage_ = told_usage_ || (keeps_usage_ && usage && !answers);
}

void ChatStreamRelay::Break(const Problem& problem, std::string& out) {
  if (ended_) return;
  ended_ = true;
  out.append(R"(data: {"error":)");
  AppendOpenAiError(problem, out);
  out.append("}\n\n");
}

}  // namespace patchbay::frontend::openai_chat
