#include "workers/frontend/dialects/openai_responses/relay/stream_state.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_responses {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }
bool EndsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

StreamState::Kind KindOf(std::string_view type) {
  using Kind = StreamState::Kind;
  if (type == "response.output_text.delta") return Kind::kOutput;  // the most frequent one first
  if (type == "response.created" || type == "response.in_progress" || type == "response.queued" ||
      type == "keepalive") {
    return Kind::kLifecycle;
  }
  if (type == "response.output_item.done") return Kind::kItemDone;
  if (type == "response.completed" || type == "response.incomplete") return Kind::kCompleted;
  if (type == "response.failed") return Kind::kFailed;
  if (type == "error") return Kind::kError;
  if (!StartsWith(type, "response.") || type == "response.metadata" || type == "response.headers")
    return Kind::kForeign;
  if (EndsWith(type, "_item.added") || EndsWith(type, "_part.added")) return Kind::kBegan;
  return Kind::kOutput;
}

}  // namespace

std::string TypeOf(const wire::SseEvent& event) {
  if (event.data.empty() || event.data.front() != '{') return {};
  constexpr std::string_view kFirst = R"({"type":")";
  if (StartsWith(event.data, kFirst)) {
    const std::string_view rest = event.data.substr(kFirst.size());
    return std::string(rest.substr(0, rest.find('"')));
  }
  if (!event.event.empty()) return std::string(event.event);
  const std::string text = MemberText(event.data, "type");
  return text.size() > 2 ? text.substr(1, text.size() - 2) : std::string();
}

std::string MemberText(std::string_view data, std::string_view key) {
  std::string text;
  text.reserve(data.size() + wire::kJsonPadding);
  text.append(data);
  const auto span = wire::FindTopLevel(text, key);
  return span.ok() ? std::string(span->In(text)) : std::string();
}

Result<StreamState::Kind> StreamState::See(const wire::SseEvent& event) {
  ++events_;
  type_ = TypeOf(event);
  const Kind kind = KindOf(type_);
  switch (kind) {
    case Kind::kLifecycle:
      if (created_.empty()) created_ = MemberText(event.data, "response");
      break;
    case Kind::kItemDone:
      carried_output_ = true;
      RETURN_IF_ERROR(Remember(event.data));
      break;
    case Kind::kOutput:
    case Kind::kCompleted: carried_output_ = true; break;
    case Kind::kBegan:
    case Kind::kFailed:
    case Kind::kError:
    case Kind::kForeign: break;
  }
  return kind;
}

Result<void> StreamState::Remember(std::string_view data) {
  std::string item = MemberText(data, "item");
  if (item.empty()) return {};
  remembered_bytes_ += item.size();
  if (remembered_bytes_ > kMaxRememberedBytes)
    return Error(ErrorCode::kTooLarge, "the answer is too large").From(Origin::kUpstream);
  const std::string index_text = MemberText(data, "output_index");
  std::int64_t index = static_cast<std::int64_t>(items_.size());
  std::from_chars(index_text.data(), index_text.data() + index_text.size(), index);
  items_[index] = std::move(item);
  return {};
}

std::string StreamState::OutputArray() const {
  std::string array = "[";
  for (const auto& [index, item] : items_) array.append(array.size() > 1 ? "," : "").append(item);
  return array.append("]");
}

Result<std::string> StreamState::WithOutput(std::string response) const {
  const std::string output = MemberText(response, "output");
  if (!output.empty() && output != "null" && output.find_first_not_of("[] \t\r\n") != std::string::npos)
    return response;
  return wire::SpliceTopLevel(std::move(response), "output", OutputArray(), wire::IfMissing::kInsert);
}

std::string StreamState::WithCreated(std::string response) const {
  std::string created = created_;
  const auto told = wire::TopLevelMembers(created);
  const auto members = wire::TopLevelMembers(response);
  if (!told.ok() || !members.ok() || members->empty()) return response;
  std::string rest;
  wire::JsonWriter json(rest);
  json.BeginObject();
  for (const wire::Member& member : *told) {
    const auto same = [&](const wire::Member& other) { return other.key == member.key; };
    if (std::none_of(members->begin(), members->end(), same)) json.Key(member.key).Raw(member.value.In(created));
  }
  json.EndObject();
  if (rest == "{}") return response;
  rest.front() = ',';
  rest.pop_back();
  return response.insert(response.rfind('}'), rest);
}

}  // namespace patchbay::frontend::openai_responses
