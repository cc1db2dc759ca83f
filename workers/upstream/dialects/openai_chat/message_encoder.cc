#include "workers/upstream/dialects/openai_chat/message_encoder.h"

#include <algorithm>
#include <map>

#include "workers/upstream/dialects/openai_chat/part_encoder.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

// Between texts that become one.
constexpr std::string_view kParagraph = "\n\n";
// What a client never said, and the provider wants to hear.
constexpr std::string_view kNoResult = "(no result)";
constexpr std::string_view kDone = "Done.";
constexpr std::string_view kPlaceholder = "...";

bool IsAssistants(const inf::Item& item) {
  switch (item.kind_case()) {
    case inf::Item::kMessage: return item.message().role() == inf::ROLE_ASSISTANT;
    case inf::Item::kToolCall:
    case inf::Item::kReasoning:
    case inf::Item::kHostedTool: return true;
    case inf::Item::kToolResult:
    case inf::Item::kOpaque:
    case inf::Item::KIND_NOT_SET: return false;
  }
  return false;
}

bool IsDevelopers(const inf::Item& item) { return item.has_message() && item.message().role() == inf::ROLE_DEVELOPER; }

std::string ReasoningText(const inf::ReasoningItem& reasoning) {
  if (!reasoning.text().empty()) return reasoning.text();
  std::string text;
  for (const std::string& part : reasoning.summary()) text += (text.empty() ? "" : "\n\n") + part;
  return text;
}

// What one turn of the assistant consists of. The items outlive it.
struct Turn {
  std::string reasoning;
  std::vector<const inf::Part*> parts;
  std::vector<const inf::ToolCall*> calls;
  bool empty() const { return parts.empty() && calls.empty(); }
};

class MessageWriter {
 public:
  MessageWriter(JsonWriter& json, const inf::GenerateRequest& request, const Quirks& quirks, Notes& notes)
      : json_(json), request_(request), quirks_(quirks), notes_(notes) {}

  Result<void> Write(std::string_view instruction) {
    const int first = WriteSystem(instruction);
    for (int i = first; i < request_.items_size();) {
      const inf::Item& item = request_.items(i);
      if (IsAssistants(item)) {
        i = WriteTurn(i);
      } else {
        RETURN_IF_ERROR(WriteOther(item, i));
        ++i;
      }
    }
    return {};
  }

 private:
  // The first message, or several; which item comes next.
  int WriteSystem(std::string_view instruction) {
    std::string leading = request_.instructions();
    int next = 0;
    if (!quirks_.many_system_messages) {
      for (; next < request_.items_size() && IsDevelopers(request_.items(next)); ++next) {
        for (const inf::Part& part : request_.items(next).message().parts()) Join(part.text(), leading);
      }
    }
    Join(instruction, leading);
    if (!leading.empty()) WriteText(quirks_.developer_role ? "developer" : "system", leading);
    return next;
  }

  static void Join(std::string_view text, std::string& onto) {
    if (text.empty()) return;
    if (!onto.empty()) onto += kParagraph;
    onto += text;
  }

  void WriteText(std::string_view role, std::string_view text) {
    json_.BeginObject().Key("role").String(role).Key("content").String(text).EndObject();
    last_was_result_ = false;
  }

  // One item that is not the assistant's.
  Result<void> WriteOther(const inf::Item& item, int index) {
    switch (item.kind_case()) {
      case inf::Item::kMessage: return WriteMessage(item.message());
      case inf::Item::kToolResult: return WriteStrayResult(item.tool_result(), index);
      case inf::Item::kOpaque: notes_.Ignore(item.opaque().type()); return {};
      default: break;
    }
    return Error(ErrorCode::kInvalidArgument, "an item of the conversation is empty").From(Origin::kClient).At("input");
  }

  Result<void> WriteMessage(const inf::Message& message) {
    const bool developer = message.role() == inf::ROLE_DEVELOPER;
    // A second system message is refused by some and breaks the template of others (providers §2 rule 2).
    const bool as_user = developer && !quirks_.many_system_messages;
    if (as_user) notes_.Repair("developer_message:as_user");
    const std::string_view role = !developer || as_user ? "user" : quirks_.developer_role ? "developer" : "system";
    if (role == "user" && last_was_result_ && quirks_.nine_character_ids) WriteText("assistant", kDone);
    json_.BeginObject().Key("role").String(role).Key("content");
    RETURN_IF_ERROR(WriteContent(json_, message.parts(), notes_));
    json_.EndObject();
    last_was_result_ = false;
    return {};
  }

  // The assistant's items from `first` on, as one message, and behind it the results of its calls. Which item comes
  // next.
  int WriteTurn(int first) {
    Turn turn;
    int next = first;
    for (; next < request_.items_size() && IsAssistants(request_.items(next)); ++next) Add(request_.items(next), turn);
    if (turn.empty()) return next;
    json_.BeginObject().Key("role").String("assistant").Key("content");
    WriteAssistantContent(turn);
    WriteReasoning(turn);
    if (!turn.calls.empty()) WriteCalls(turn);
    json_.EndObject();
    last_was_result_ = false;
    for (const inf::ToolCall* call : turn.calls) WriteResultOf(*call, next);
    WritePictures(turn, next);
    return next;
  }

  void Add(const inf::Item& item, Turn& turn) {
    switch (item.kind_case()) {
      case inf::Item::kMessage:
        for (const inf::Part& part : item.message().parts()) turn.parts.push_back(&part);
        return;
      case inf::Item::kToolCall: turn.calls.push_back(&item.tool_call()); return;
      case inf::Item::kReasoning: Join(ReasoningText(item.reasoning()), turn.reasoning); return;
      default: return;  // a hosted tool's own doing is in the text behind it
    }
  }

  void WriteAssistantContent(const Turn& turn) {
    std::string text = quirks_.reasoning_as_text ? turn.reasoning : std::string();
    for (const inf::Part* part : turn.parts) {
      Join(part->has_refusal() ? part->refusal() : part->text(), text);
      if (!part->has_text() && !part->has_refusal()) notes_.Ignore("assistant_media");
    }
    text.empty() && !turn.calls.empty() ? json_.Null() : json_.String(text);
  }

  // Exact text where it is there; who only wants to see something is shown a placeholder (providers §2 rule 4).
  void WriteReasoning(const Turn& turn) {
    if (!quirks_.reasoning_back || (turn.reasoning.empty() && turn.calls.empty())) return;
    json_.Key("reasoning_content").String(turn.reasoning.empty() ? kPlaceholder : std::string_view(turn.reasoning));
  }

  void WriteCalls(const Turn& turn) {
    json_.Key("tool_calls").BeginArray();
    for (const inf::ToolCall* call : turn.calls) {
      const bool custom = call->kind() == inf::TOOL_KIND_CUSTOM;
      const std::string_view type = custom ? "custom" : "function";
      json_.BeginObject().Key("id").String(call->call_id()).Key("type").String(type).Key(type).BeginObject();
      json_.Key("name").String(call->name());
      // Arguments are JSON in a string; no text at all would be none.
      json_.Key(custom ? "input" : "arguments").String(!custom && call->input().empty() ? "{}" : call->input());
      json_.EndObject().EndObject();
    }
    json_.EndArray();
  }

  // The first result of that id behind the turn that has no call yet: results may stand in any order, and behind other
  // words of the client's.
  int FindResult(const inf::ToolCall& call, int from) const {
    for (int i = from; i < request_.items_size(); ++i) {
      const inf::Item& item = request_.items(i);
      if (item.has_tool_result() && item.tool_result().call_id() == call.call_id() && !written_.contains(i)) return i;
      if (item.has_tool_call() && item.tool_call().call_id() == call.call_id()) return -1;  // the id's next use
    }
    return -1;
  }

  void WriteResultOf(const inf::ToolCall& call, int from) {
    const int index = FindResult(call, from);
    json_.BeginObject().Key("role").String("tool").Key("tool_call_id").String(call.call_id());
    if (quirks_.nine_character_ids) json_.Key("name").String(call.name());
    std::string text;
    if (index < 0) {
      text = kNoResult;
      notes_.Repair("tool_results");
    } else {
      written_.emplace(index, &call);
      text = ResultText(request_.items(index).tool_result());
    }
    json_.Key("content").String(text).EndObject();
    last_was_result_ = true;
  }

  static std::string ResultText(const inf::ToolResult& result) {
    // There is no field for "the tool failed", so the text says it.
    std::string text = result.is_error() ? "Error: " : "";
    bool first = true;
    for (const inf::Part& part : result.parts()) {
      if (!part.has_text()) continue;
      if (!first) text += '\n';
      text += part.text();
      first = false;
    }
    return text;
  }

  // A result has text only: what else came with it the user shows behind the last of them.
  void WritePictures(const Turn& turn, int from) {
    std::vector<const inf::Part*> media;
    for (int i = from; i < request_.items_size(); ++i) {
      const auto written = written_.find(i);
      if (written == written_.end()) continue;
      if (std::find(turn.calls.begin(), turn.calls.end(), written->second) == turn.calls.end()) continue;
      for (const inf::Part& part : request_.items(i).tool_result().parts()) {
        if (part.has_image() || part.has_file()) media.push_back(&part);
      }
    }
    if (media.empty()) return;
    notes_.Repair("tool_result_media:as_user");
    if (quirks_.nine_character_ids) WriteText("assistant", kDone);
    json_.BeginObject().Key("role").String("user").Key("content");
    WriteMedia(json_, "What the tool returned:", media, notes_);
    json_.EndObject();
    last_was_result_ = false;
  }

  // A result whose call is not in the conversation is refused; its words are the user's.
  Result<void> WriteStrayResult(const inf::ToolResult& result, int index) {
    if (written_.contains(index)) return {};
    notes_.Repair("tool_results");
    WriteText("user", "Result of a tool: " + ResultText(result));
    return {};
  }

  JsonWriter& json_;
  const inf::GenerateRequest& request_;
  const Quirks& quirks_;
  Notes& notes_;
  std::map<int, const inf::ToolCall*> written_;  // results that stand behind their calls, by their place
  bool last_was_result_ = false;
};

void AddOnce(std::string_view what, std::vector<std::string>& list) {
  if (std::find(list.begin(), list.end(), what) == list.end()) list.emplace_back(what);
}

}  // namespace

void Notes::Ignore(std::string_view name) { AddOnce(name, ignored); }
void Notes::Repair(std::string_view what) { AddOnce(what, repaired); }

Result<void> WriteMessages(JsonWriter& json, const inf::GenerateRequest& request, const Quirks& quirks,
                           std::string_view instruction, Notes& notes) {
  json.BeginArray();
  RETURN_IF_ERROR(MessageWriter(json, request, quirks, notes).Write(instruction));
  json.EndArray();
  return {};
}

bool LacksReasoning(const inf::GenerateRequest& request) {
  bool reasoned = false, called = false, lacks = false;
  for (const inf::Item& item : request.items()) {
    if (!IsAssistants(item)) {
      lacks |= called && !reasoned;
      reasoned = called = false;
    }
    reasoned |= item.has_reasoning() && !ReasoningText(item.reasoning()).empty();
    called |= item.has_tool_call();
  }
  return lacks || (called && !reasoned);
}

}  // namespace patchbay::upstream::openai_chat
