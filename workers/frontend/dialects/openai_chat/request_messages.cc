#include "workers/frontend/dialects/openai_chat/request_messages.h"

#include <utility>

#include "workers/frontend/dialects/common/request/ignored_fields.h"

namespace patchbay::frontend::openai_chat {
namespace {

std::string JoinText(const Parts& parts) {
  std::string text;
  for (const auto& part : parts) text.append(part.text());
  return text;
}

Result<void> DecodeContentOf(const JsonNode& message, Speaker speaker, Parts& parts, DecodedRequest& out) {
  const auto content = message.Find("content");
  return content ? DecodeContent(*content, speaker, parts, out.ignored) : Result<void>();
}

}  // namespace

Result<void> Conversation::AddMessage(const JsonNode& message, std::size_t position) {
  position_ = position;
  ASSIGN_OR_RETURN(const std::string_view role, message.RequiredString("role"));
  if (role == "user") return DecodeUser(message);
  if (role == "assistant") return DecodeAssistant(message);
  if (role == "tool") return DecodeTool(message);
  if (role == "system" || role == "developer") return DecodeOperator(message);
  if (role == "function") return DecodeFunction(message);
  return message.Find("role")->Wrong("unknown role");
}

void Conversation::Finish() {
  history_.Finish();
  auto& instructions = *out_.request.mutable_instructions();
  if (!items_.empty() || instructions.empty()) return;
  // All that was said came from the operator. Providers want something to answer.
  Parts parts;
  parts.Add()->set_text(std::exchange(instructions, {}));
  Say(inference::v1::ROLE_DEVELOPER, parts);
}

Result<void> Conversation::DecodeOperator(const JsonNode& message) {
  NoteOthers(out_.ignored, message, {"type", "role", "content"});
  Parts parts;
  RETURN_IF_ERROR(DecodeContentOf(message, Speaker::kOperator, parts, out_));
  if (parts.empty()) {
    NoteEmpty();
  } else if (items_.empty()) {
    auto& instructions = *out_.request.mutable_instructions();
    if (!instructions.empty()) instructions.append("\n\n");
    instructions.append(JoinText(parts));
  } else {
    Say(inference::v1::ROLE_DEVELOPER, parts);
  }
  return {};
}

Result<void> Conversation::DecodeUser(const JsonNode& message) {
  NoteOthers(out_.ignored, message, {"type", "role", "content"});
  Parts parts;
  const std::size_t before = told_;
  RETURN_IF_ERROR(DecodeParts(message, Speaker::kUser, parts));
  if (!parts.empty()) {
    Say(inference::v1::ROLE_USER, parts);
  } else if (told_ == before) {
    NoteEmpty();
  }
  return {};
}

// Reasoning in plain text, by either of the names under which clients keep it. Some providers want it back; who seals
// its own says that it left it out.
void Conversation::DecodeReasoning(const JsonNode& message) {
  std::string_view told;
  for (const std::string_view member : {"reasoning_content", "reasoning"}) {
    const auto node = message.Find(member);
    if (!node) continue;
    const auto text = node->String();
    if (!text.ok() || (!told.empty() && *text != told)) {
      NoteIgnored(out_.ignored, node->Path());
    } else if (told.empty() && !text->empty()) {
      told = *text;
      items_.Add()->mutable_reasoning()->set_text(std::string(told));
      out_.wishes.push_back({"reasoning_text", node->Path()});
    }
  }
}

Result<void> Conversation::DecodeAssistant(const JsonNode& message) {
  DecodeReasoning(message);
  Parts parts;
  const std::size_t before = told_;
  RETURN_IF_ERROR(DecodeParts(message, Speaker::kAssistant, parts));
  ASSIGN_OR_RETURN(const std::string_view refusal, message.OptionalString("refusal"));
  if (!refusal.empty()) parts.Add()->set_refusal(std::string(refusal));
  if (message.Find("audio")) return message.Find("audio")->Unsupported("audio is not supported");
  NoteOthers(
      out_.ignored, message,
      {"type", "role", "content", "refusal", "audio", "tool_calls", "function_call", "reasoning_content", "reasoning"});
  const auto calls = message.Find("tool_calls");
  const auto legacy = message.Find("function_call");
  if (!parts.empty()) {
    Say(inference::v1::ROLE_ASSISTANT, parts);
  } else if (!calls && !legacy && told_ == before) {
    NoteEmpty();
  }
  if (calls) {
    RETURN_IF_ERROR(calls->MustBeArray());
    for (std::size_t i = 0; i < calls->size(); ++i) RETURN_IF_ERROR(DecodeCall(calls->At(i)));
  }
  return legacy ? DecodeLegacyCall(*legacy) : Result<void>();
}

Result<void> Conversation::DecodeParts(const JsonNode& message, Speaker speaker, Parts& parts) {
  const auto content = message.Find("content");
  if (!content || !content->IsArray()) return DecodeContentOf(message, speaker, parts, out_);
  for (std::size_t i = 0; i < content->size(); ++i) {
    const JsonNode part = content->At(i);
    ASSIGN_OR_RETURN(const std::string_view type, TypeOfPart(part));
    if (speaker == Speaker::kUser && type == "tool_result") {
      RETURN_IF_ERROR(DecodeToolResult(part));
    } else if (speaker == Speaker::kAssistant && type == "tool_use") {
      if (!parts.empty()) Say(inference::v1::ROLE_ASSISTANT, parts);
      RETURN_IF_ERROR(DecodeToolUse(part));
    } else if (speaker == Speaker::kAssistant && (type == "thinking" || type == "redacted_thinking")) {
      NoteOthers(out_.ignored, part, {"type"});
    } else {
      RETURN_IF_ERROR(DecodePart(part, speaker, parts, out_.ignored));
    }
  }
  return {};
}

// {"type":"tool_use","id","name","input":{…}}
Result<void> Conversation::DecodeToolUse(const JsonNode& part) {
  ASSIGN_OR_RETURN(const std::string_view id, part.RequiredString("id"));
  ASSIGN_OR_RETURN(const std::string_view name, part.RequiredString("name"));
  const auto input = part.Find("input");
  if (input) RETURN_IF_ERROR(input->MustBeObject());
  NoteOthers(out_.ignored, part, {"type", "id", "name", "input"});
  AddCall(inference::v1::TOOL_KIND_FUNCTION, std::string(id), name, input ? input->Text() : "{}");
  return {};
}

// {"type":"tool_result","tool_use_id","content","is_error"}
Result<void> Conversation::DecodeToolResult(const JsonNode& part) {
  ASSIGN_OR_RETURN(const std::string_view id, part.RequiredString("tool_use_id"));
  bool failed = false;
  if (const auto is_error = part.Find("is_error")) {
    ASSIGN_OR_RETURN(failed, is_error->Bool());
  }
  NoteOthers(out_.ignored, part, {"type", "tool_use_id", "content", "is_error"});
  Parts parts;
  RETURN_IF_ERROR(DecodeContentOf(part, Speaker::kTool, parts, out_));
  AddResult(std::string(id), std::move(parts), failed);
  return {};
}

Result<void> Conversation::DecodeCall(const JsonNode& call) {
  ASSIGN_OR_RETURN(const std::string_view id, call.RequiredString("id"));
  ASSIGN_OR_RETURN(std::string_view type, call.OptionalString("type"));
  if (type.empty()) type = call.Find("custom") ? "custom" : "function";
  if (type != "function" && type != "custom") return call.Find("type")->Wrong("expected 'function' or 'custom'");
  const auto body = call.Find(type);
  if (!body) return call.Wrong("a call of type '" + std::string(type) + "' needs the member of that name");
  ASSIGN_OR_RETURN(const std::string_view name, body->RequiredString("name"));
  NoteOthers(out_.ignored, call, {"id", "type", type});
  const bool custom = type == "custom";
  NoteOthers(out_.ignored, *body, {"name", custom ? "input" : "arguments"});
  const auto input = body->Find(custom ? "input" : "arguments");
  std::string text;
  if (input && input->IsObject() && !custom) {
    text = input->Text();  // some clients forget that arguments are JSON inside a string
  } else if (input) {
    ASSIGN_OR_RETURN(text, input->String());
  }
  AddCall(custom ? inference::v1::TOOL_KIND_CUSTOM : inference::v1::TOOL_KIND_FUNCTION, std::string(id), name,
          std::move(text));
  return {};
}

Result<void> Conversation::DecodeLegacyCall(const JsonNode& call) {
  ASSIGN_OR_RETURN(const std::string_view name, call.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view arguments, call.OptionalString("arguments"));
  NoteOthers(out_.ignored, call, {"name", "arguments"});
  const std::string id = "call_legacy_" + std::to_string(position_);
  legacy_calls_[std::string(name)] = id;
  AddCall(inference::v1::TOOL_KIND_FUNCTION, id, name, std::string(arguments));
  return {};
}

Result<void> Conversation::DecodeTool(const JsonNode& message) {
  ASSIGN_OR_RETURN(const std::string_view id, message.RequiredString("tool_call_id"));
  NoteOthers(out_.ignored, message, {"type", "role", "content", "tool_call_id"});
  Parts parts;
  RETURN_IF_ERROR(DecodeContentOf(message, Speaker::kTool, parts, out_));
  AddResult(std::string(id), std::move(parts));
  return {};
}

// The deprecated role `function` names the function, not the call.
Result<void> Conversation::DecodeFunction(const JsonNode& message) {
  ASSIGN_OR_RETURN(const std::string_view name, message.RequiredString("name"));
  NoteOthers(out_.ignored, message, {"type", "role", "content", "name"});
  Parts parts;
  RETURN_IF_ERROR(DecodeContentOf(message, Speaker::kTool, parts, out_));
  const auto call = legacy_calls_.find(std::string(name));
  AddResult(call == legacy_calls_.end() ? std::string(name) : call->second, std::move(parts));
  return {};
}

void Conversation::AddText(std::string_view text) {
  Parts parts;
  parts.Add()->set_text(std::string(text));
  Say(inference::v1::ROLE_USER, parts);
}

void Conversation::AddCall(inference::v1::ToolKind kind, std::string id, std::string_view name, std::string input) {
  inference::v1::ToolCall call;
  call.set_kind(kind);
  call.set_call_id(std::move(id));
  call.set_name(std::string(name));
  call.set_input(std::move(input));
  history_.AddCall(std::move(call));
  ++told_;
}

void Conversation::AddResult(const std::string& call_id, Parts parts, bool is_error) {
  history_.AddResult(call_id, std::move(parts), is_error);
  ++told_;
}

void Conversation::Say(inference::v1::Role role, Parts& parts) {
  auto& message = *items_.Add()->mutable_message();
  message.set_role(role);
  message.mutable_parts()->Swap(&parts);
}

void Conversation::NoteEmpty() { out_.repaired.push_back("empty_message:" + std::to_string(position_)); }

Result<void> DecodeMessages(const JsonNode& messages, DecodedRequest& out) {
  RETURN_IF_ERROR(messages.MustBeArray());
  Conversation conversation(out);
  for (std::size_t i = 0; i < messages.size(); ++i) RETURN_IF_ERROR(conversation.AddMessage(messages.At(i), i));
  conversation.Finish();
  if (out.request.items().empty()) return messages.Wrong("there is no message to answer");
  return {};
}

}  // namespace patchbay::frontend::openai_chat
