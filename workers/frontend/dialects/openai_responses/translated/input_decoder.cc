#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"

#include <utility>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/openai_responses/translated/hosted_items.h"
#include "workers/frontend/dialects/openai_responses/translated/part_decoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_decoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_search.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;

// {"summary":[{"type":"summary_text","text"}]}, {"content":[{"type":"reasoning_text","text"}]}
template <class Each>
Result<void> ForEachReasoningText(const JsonNode& item, std::string_view member, Each each) {
  const auto list = item.Find(member);
  if (!list) return {};
  RETURN_IF_ERROR(list->MustBeArray());
  for (std::size_t i = 0; i < list->size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view text, list->At(i).RequiredString("text"));
    each(text);
  }
  return {};
}

}  // namespace

Result<void> InputDecoder::Decode(const JsonNode& input) {
  if (input.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, input.String());
    auto& message = *request_.add_items()->mutable_message();
    message.set_role(inf::ROLE_USER);
    message.add_parts()->set_text(std::string(text));
    return {};
  }
  if (!input.IsArray()) return input.Wrong("expected a string or an array of items");
  for (std::size_t i = 0; i < input.size(); ++i) RETURN_IF_ERROR(DecodeItem(input.At(i)));
  return {};
}

Result<void> InputDecoder::DecodeItem(const JsonNode& item) {
  RETURN_IF_ERROR(item.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view type, item.OptionalString("type"));
  if (type == "message" || (type.empty() && item.Find("role"))) return DecodeMessage(item);
  if (type == "function_call") return DecodeCall(item, inf::TOOL_KIND_FUNCTION);
  if (type == "custom_tool_call") return DecodeCall(item, inf::TOOL_KIND_CUSTOM);
  if (type == "function_call_output" || type == "custom_tool_call_output") return DecodeResult(item);
  if (type == "reasoning") return DecodeReasoning(item);
  if (type == "item_reference") return DecodeReference(item);
  if (type == "additional_tools") {
    const auto tools = item.Find("tools");
    return tools ? DecodeTools(*tools, request_, ignored_) : Result<void>();
  }
  if (type.empty()) return item.Wrong("an item needs a type");
  if (type == kToolSearchCall || type == kToolSearchOutput) {
    ASSIGN_OR_RETURN(const bool ours, DecodeToolSearch(item, type));
    if (ours) return {};
  }
  inf::Item decoded;
  ASSIGN_OR_RETURN(const bool hosted, DecodeHostedItem(item, type, decoded));
  if (!hosted) {
    auto& opaque = *decoded.mutable_opaque();
    opaque.set_dialect(std::string(kDialect));
    opaque.set_type(std::string(type));
    opaque.set_json(item.Text());
  }
  request_.add_items()->Swap(&decoded);
  return {};
}

Result<void> InputDecoder::DecodeMessage(const JsonNode& item) {
  const auto role = item.Find("role");
  if (!role) return item.Wrong("a message needs a role");
  ASSIGN_OR_RETURN(const std::string_view word, role->OneOf({"user", "assistant", "system", "developer"}));
  NoteOthers(ignored_, item, {"type", "role", "content", "id", "status"});
  inf::Item decoded;
  auto& message = *decoded.mutable_message();
  message.set_role(word == "user" ? inf::ROLE_USER : word == "assistant" ? inf::ROLE_ASSISTANT : inf::ROLE_DEVELOPER);
  if (const auto content = item.Find("content")) {
    RETURN_IF_ERROR(DecodeContent(*content, *message.mutable_parts(), ignored_));
  }
  // A message that says nothing is refused by many providers, and means nothing to any.
  if (message.parts_size() > 0) request_.add_items()->Swap(&decoded);
  return {};
}

Result<void> InputDecoder::DecodeCall(const JsonNode& item, inf::ToolKind kind) {
  ASSIGN_OR_RETURN(const std::string_view id, item.RequiredString("call_id"));
  ASSIGN_OR_RETURN(const std::string_view name, item.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view group, item.OptionalString("namespace"));
  const std::string_view member = kind == inf::TOOL_KIND_CUSTOM ? "input" : "arguments";
  NoteOthers(ignored_, item, {"type", "id", "status", "call_id", "name", "namespace", member, "parsed_arguments"});
  inf::ToolCall call;
  call.set_kind(kind);
  call.set_call_id(std::string(id));
  call.set_name(std::string(name));
  call.set_namespace_(std::string(group));
  ASSIGN_OR_RETURN(const std::string_view input, item.OptionalString(member));
  call.set_input(std::string(input));
  tools_.AddCall(std::move(call));
  return {};
}

Result<void> InputDecoder::DecodeResult(const JsonNode& item) {
  ASSIGN_OR_RETURN(const std::string_view id, item.RequiredString("call_id"));
  NoteOthers(ignored_, item, {"type", "id", "status", "call_id", "name", "namespace", "output"});
  Parts parts;
  if (const auto output = item.Find("output")) RETURN_IF_ERROR(DecodeContent(*output, parts, ignored_));
  tools_.AddResult(std::string(id), std::move(parts));
  return {};
}

Result<bool> InputDecoder::DecodeToolSearch(const JsonNode& item, std::string_view type) {
  ASSIGN_OR_RETURN(const bool ours, IsRunByClient(item));
  if (!ours) return false;
  if (type == kToolSearchCall) {
    ASSIGN_OR_RETURN(inf::ToolCall call, DecodeSearchCall(item));
    tools_.AddCall(std::move(call));
    return true;
  }
  ASSIGN_OR_RETURN(const std::string_view id, item.RequiredString("call_id"));
  Parts parts;
  const auto found = item.Find("tools");
  if (found) RETURN_IF_ERROR(DecodeTools(*found, request_, ignored_));
  parts.Add()->set_text(found ? TextOfFound(*found) : "No tool was found.");
  tools_.AddResult(std::string(id), std::move(parts));
  return true;
}

// What this gateway sealed itself says whose it is; anything else some provider of this dialect did.
Result<void> InputDecoder::DecodeReasoning(const JsonNode& item) {
  ASSIGN_OR_RETURN(const std::string_view sealed, item.OptionalString("encrypted_content"));
  NoteOthers(ignored_, item, {"type", "id", "status", "summary", "content", "encrypted_content"});
  if (!sealed.empty()) {
    if (auto ours = UnwrapReasoning(sealed); ours.ok()) {
      for (inf::Item& each : *ours) request_.add_items()->Swap(&each);
      return {};
    }
  }
  inf::Item decoded;
  auto& reasoning = *decoded.mutable_reasoning();
  RETURN_IF_ERROR(
      ForEachReasoningText(item, "summary", [&](std::string_view text) { reasoning.add_summary(std::string(text)); }));
  RETURN_IF_ERROR(
      ForEachReasoningText(item, "content", [&](std::string_view text) { reasoning.mutable_text()->append(text); }));
  if (!sealed.empty()) {
    reasoning.set_encrypted_content(std::string(sealed));
    reasoning.set_sealed_by(std::string(kDialect));
  }
  request_.add_items()->Swap(&decoded);
  return {};
}

Result<void> InputDecoder::DecodeReference(const JsonNode& item) {
  ASSIGN_OR_RETURN(const std::string_view id, item.RequiredString("id"));
  const auto found = references_.find(std::string(id));
  if (found == references_.end()) {
    return Error(ErrorCode::kNotFound, "the item that is referred to is not kept here")
        .From(Origin::kClient)
        .At(item.Pointer());
  }
  ASSIGN_OR_RETURN(const wire::JsonDocument document, wire::JsonDocument::Parse(found->second));
  return DecodeItem(JsonNode(document.root()));
}

}  // namespace patchbay::frontend::openai_responses::translated
