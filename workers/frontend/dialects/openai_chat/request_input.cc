#include "workers/frontend/dialects/openai_chat/request_input.h"

#include <array>
#include <utility>

#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/openai_chat/request_messages.h"

namespace patchbay::frontend::openai_chat {
namespace {

constexpr const char* kNothingKept = "answers are not kept here: send the whole conversation, or use /v1/responses";

// {"type":"function_call","call_id","name","arguments"} or {"type":"custom_tool_call","call_id","name","input"}
Result<void> DecodeCall(const JsonNode& item, bool custom, Conversation& conversation, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view id, item.RequiredString("call_id"));
  ASSIGN_OR_RETURN(const std::string_view name, item.RequiredString("name"));
  const std::string_view member = custom ? "input" : "arguments";
  NoteOthers(out.ignored, item, {"type", "call_id", "name", member});
  const auto input = item.Find(member);
  std::string text;
  if (input && input->IsObject() && !custom) {
    text = input->Text();  // as in a chat's calls
  } else if (input) {
    ASSIGN_OR_RETURN(text, input->String());
  }
  conversation.AddCall(custom ? inference::v1::TOOL_KIND_CUSTOM : inference::v1::TOOL_KIND_FUNCTION, std::string(id),
                       name, std::move(text));
  return {};
}

// {"type":"function_call_output","call_id","output"}, and of custom tools likewise
Result<void> DecodeResult(const JsonNode& item, Conversation& conversation, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view id, item.RequiredString("call_id"));
  NoteOthers(out.ignored, item, {"type", "call_id", "output"});
  Parts parts;
  if (const auto output = item.Find("output")) {
    RETURN_IF_ERROR(DecodeContent(*output, Speaker::kTool, parts, out.ignored));
  }
  conversation.AddResult(std::string(id), std::move(parts));
  return {};
}

// What is not sealed the provider could not verify.
Result<void> DecodeReasoning(const JsonNode& item, std::size_t position, Conversation& conversation,
                             DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view id, item.OptionalString("id"));
  ASSIGN_OR_RETURN(const std::string_view sealed, item.OptionalString("encrypted_content"));
  if (sealed.empty()) {
    out.repaired.push_back("reasoning_without_encrypted_content:" + std::to_string(position));
    return {};
  }
  NoteOthers(out.ignored, item, {"type", "id", "encrypted_content", "summary"});
  inference::v1::Item decoded;
  decoded.set_id(std::string(id));
  decoded.mutable_reasoning()->set_encrypted_content(std::string(sealed));
  if (const auto summary = item.Find("summary")) {
    RETURN_IF_ERROR(summary->MustBeArray());
    for (std::size_t i = 0; i < summary->size(); ++i) {
      ASSIGN_OR_RETURN(const std::string_view text, summary->At(i).RequiredString("text"));
      decoded.mutable_reasoning()->add_summary(std::string(text));
    }
  }
  conversation.AddReasoning(std::move(decoded));
  return {};
}

Result<void> DecodeItem(const JsonNode& item, std::size_t position, Conversation& conversation, DecodedRequest& out) {
  RETURN_IF_ERROR(item.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view type, item.OptionalString("type"));
  if (type.empty() || type == "message") return conversation.AddMessage(item, position);
  if (type == "function_call") return DecodeCall(item, false, conversation, out);
  if (type == "custom_tool_call") return DecodeCall(item, true, conversation, out);
  if (type == "function_call_output" || type == "custom_tool_call_output") {
    return DecodeResult(item, conversation, out);
  }
  if (type == "reasoning") return DecodeReasoning(item, position, conversation, out);
  if (type == "item_reference") return item.Find("type")->Unsupported(kNothingKept);
  return item.Find("type")->Wrong("an item of this type is not possible here: use /v1/responses");
}

Result<void> DecodeInput(const JsonNode& input, DecodedRequest& out) {
  const std::string instructions = out.request.instructions();
  Conversation conversation(out);
  if (input.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, input.String());
    if (!text.empty()) conversation.AddText(text);
  } else if (input.IsObject()) {
    RETURN_IF_ERROR(DecodeItem(input, 0, conversation, out));
  } else if (input.IsArray()) {
    for (std::size_t i = 0; i < input.size(); ++i) RETURN_IF_ERROR(DecodeItem(input.At(i), i, conversation, out));
  } else {
    return input.Wrong("expected a string or an array of items");
  }
  const bool empty = out.request.items().empty() && out.request.instructions() == instructions;
  conversation.Finish();
  if (empty || out.request.items().empty()) return input.Wrong("there is no message to answer");
  return {};
}

// Read before all others, in their own order.
Result<void> HasBeenRead(const JsonNode&, DecodedRequest&) { return {}; }

Result<void> LeaveOut(const JsonNode& node, DecodedRequest& out) {
  NoteIgnored(out.ignored, node.Path());
  return {};
}

Result<void> RefuseBackground(const JsonNode& node, DecodedRequest&) {
  ASSIGN_OR_RETURN(const bool background, node.Bool());
  if (background) return node.Unsupported("responses cannot run in the background");
  return {};
}

Result<void> RefuseStored(const JsonNode& node, DecodedRequest&) { return node.Unsupported(kNothingKept); }

Result<void> RefusePrompt(const JsonNode& node, DecodedRequest&) {
  return node.Unsupported("prompt templates are not supported");
}

// A long conversation is never cut here, and that is what "disabled" says.
Result<void> ReadTruncation(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view word, node.String());
  return word == "disabled" ? Result<void>() : LeaveOut(node, out);
}

using ResponsesField = KnownField<DecodedRequest>;
constexpr std::array kResponsesFields = {
    ResponsesField{"background", RefuseBackground},
    ResponsesField{"conversation", RefuseStored},
    ResponsesField{"include", LeaveOut},
    ResponsesField{"input", HasBeenRead},
    ResponsesField{"instructions", HasBeenRead},
    ResponsesField{"messages", HasBeenRead},  // empty
    ResponsesField{"previous_response_id", RefuseStored},
    ResponsesField{"prompt", RefusePrompt},
    ResponsesField{"truncation", ReadTruncation},
};

}  // namespace

bool HasResponsesForm(const JsonNode& body) {
  if (!body.Find("input")) return false;
  const auto messages = body.Find("messages");
  return !messages || (messages->IsArray() && messages->size() == 0);
}

Result<void> ReadResponsesForm(const JsonNode& body, DecodedRequest& out, FieldReader<DecodedRequest> otherwise) {
  ASSIGN_OR_RETURN(const std::string_view instructions, body.OptionalString("instructions"));
  out.request.set_instructions(std::string(instructions));
  RETURN_IF_ERROR(DecodeInput(*body.Find("input"), out));
  return ReadFields(body, kResponsesFields, out, otherwise);
}

std::vector<std::string_view> ResponsesFields() { return NamesOf(kResponsesFields); }

}  // namespace patchbay::frontend::openai_chat
