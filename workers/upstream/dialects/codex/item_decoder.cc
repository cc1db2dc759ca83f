#include "workers/upstream/dialects/codex/item_decoder.h"

#include <string>

#include "lib/time/proto_time.h"
#include "lib/time/retry_after.h"
#include "lib/wire/json_reader.h"
#include "workers/upstream/dialects/codex/item_encoder.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

// Everything an item of any type may have.
struct ItemFields {
  std::string_view type, id, status, encrypted_content, name, name_space, arguments, input, call_id;
  std::string_view content, summary;  // JSON arrays
};

void AddOpaquePart(std::string_view type, std::string_view json, inf::Message& message) {
  inf::Opaque& opaque = *message.add_parts()->mutable_opaque();
  opaque.set_dialect(std::string(kRawDialect));
  opaque.set_type(std::string(type));
  opaque.set_json(std::string(json));
}

void DecodeContent(std::string_view content, inf::Message& message) {
  wire::JsonReader parts(content);
  parts.ForEachElement([&](wire::JsonValue element) {
    const std::string_view json = element.RawObject();
    std::string_view type, text, refusal;
    wire::JsonReader part(json);
    part.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "type") type = value.Text();
      if (key == "text") text = value.Text();
      if (key == "refusal") refusal = value.Text();
    });
    if (type == "output_text") {
      message.add_parts()->set_text(std::string(text));
    } else if (type == "refusal") {
      message.add_parts()->set_refusal(std::string(refusal));
    } else if (!json.empty()) {
      AddOpaquePart(type, json, message);
    }
  });
}

// Calls each with the `text` of every element.
template <class Each>
void ForEachText(std::string_view array, Each each) {
  wire::JsonReader elements(array);
  elements.ForEachElement([&](wire::JsonValue element) {
    std::string_view text;
    wire::JsonReader part(element.RawObject());
    part.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "text") text = value.Text();
    });
    each(std::string(text));
  });
}

void DecodeToolCall(const ItemFields& fields, inf::ToolKind kind, inf::ToolCall& call) {
  call.set_kind(kind);
  call.set_call_id(std::string(fields.call_id));
  call.set_name(std::string(fields.name));
  call.set_namespace_(std::string(fields.name_space));
  call.set_input(std::string(kind == inf::TOOL_KIND_CUSTOM ? fields.input : fields.arguments));
}

// Tools that the provider runs itself. Calls that the client has to run, and types we do not know,
// stay Opaque so that a client of the same dialect gets them whole.
bool IsHostedTool(std::string_view type) {
  return type == "web_search_call" || type == "image_generation_call" || type == "file_search_call" ||
         type == "code_interpreter_call" || type == "mcp_call";
}

}  // namespace

bool DecodeItem(std::string_view json, inf::Item& item) {
  ItemFields fields;
  wire::JsonReader reader(json);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type")
      fields.type = value.Text();
    else if (key == "id")
      fields.id = value.Text();
    else if (key == "status")
      fields.status = value.Text();
    else if (key == "encrypted_content")
      fields.encrypted_content = value.Text();
    else if (key == "name")
      fields.name = value.Text();
    else if (key == "namespace")
      fields.name_space = value.Text();
    else if (key == "arguments")
      fields.arguments = value.Text();
    else if (key == "input")
      fields.input = value.Text();
    else if (key == "call_id")
      fields.call_id = value.Text();
    else if (key == "content")
      fields.content = value.RawArray();
    else if (key == "summary")
      fields.summary = value.RawArray();
  });
  if (!ok || fields.type.empty()) return false;
  item.set_id(std::string(fields.id));
  if (fields.type == "message") {
    inf::Message& message = *item.mutable_message();
    message.set_role(inf::ROLE_ASSISTANT);
    if (!fields.content.empty()) DecodeContent(fields.content, message);
  } else if (fields.type == "reasoning") {
    inf::ReasoningItem& reasoning = *item.mutable_reasoning();
    reasoning.set_encrypted_content(std::string(fields.encrypted_content));
    if (!fields.summary.empty())
      ForEachText(fields.summary, [&](std::string text) { reasoning.add_summary(std::move(text)); });
    if (!fields.content.empty())
      ForEachText(fields.content, [&](const std::string& text) { reasoning.mutable_text()->append(text); });
  } else if (fields.type == "function_call") {
    DecodeToolCall(fields, inf::TOOL_KIND_FUNCTION, *item.mutable_tool_call());
  } else if (fields.type == "custom_tool_call") {
    DecodeToolCall(fields, inf::TOOL_KIND_CUSTOM, *item.mutable_tool_call());
  } else if (IsHostedTool(fields.type)) {
    inf::HostedToolItem& tool = *item.mutable_hosted_tool();
    tool.set_tool(std::string(fields.type.substr(0, fields.type.size() - std::string_view("_call").size())));
    tool.set_status(std::string(fields.status));
    tool.set_json(std::string(json));
  } else {
    inf::Opaque& opaque = *item.mutable_opaque();
    opaque.set_dialect(std::string(kRawDialect));
    opaque.set_type(std::string(fields.type));
    opaque.set_json(std::string(json));
  }
  return true;
}

bool DecodeUsage(std::string_view json, inf::Usage& usage) {
  // Whoever counts below nothing has not counted.
  const auto count = [](wire::JsonValue value) { return std::max<std::int64_t>(value.Int(), 0); };
  const auto detail = [&count](std::string_view object, std::string_view wanted) {
    std::int64_t found = 0;
    wire::JsonReader reader(object);
    reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == wanted) found = count(value);
    });
    return found;
  };
  wire::JsonReader reader(json);
  return reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "input_tokens") {
      usage.set_input_tokens(count(value));
    } else if (key == "output_tokens") {
      usage.set_output_tokens(count(value));
    } else if (key == "input_tokens_details") {
      const std::string_view details = value.RawObject();
      usage.set_cached_input_tokens(detail(details, "cached_tokens"));
      usage.set_cache_write_tokens(detail(details, "cache_write_tokens"));
    } else if (key == "output_tokens_details") {
      usage.set_reasoning_tokens(detail(value.RawObject(), "reasoning_tokens"));
    }
  });
}

void DecodeErrorObject(std::string_view json, WallTime now, inf::Failure& failure) {
  wire::JsonReader reader(json);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "code")
      failure.set_code(std::string(value.Text()));
    else if (key == "type")
      failure.set_type(std::string(value.Text()));
    else if (key == "message")
      failure.set_message(std::string(value.Text()));
    else if (key == "param")
      failure.set_param(std::string(value.Text()));
    else if (key == "resets_at") {
      if (const auto seconds = value.Number(); seconds && *seconds > 0)
        SetSeconds(*seconds, failure.mutable_resets_at());
    } else if (key == "resets_in_seconds" && !failure.has_resets_at()) {
      if (const auto seconds = value.Number(); seconds && *seconds >= 0) {
        SetSeconds(SecondsOf(now) + *seconds, failure.mutable_resets_at());
      }
    }
  });
}

void RetryAfterFromMessage(inf::Failure& failure) {
  if (failure.has_retry_after()) return;
  if (const auto delay = RetryAfterInWords(failure.message())) SetDuration(*delay, failure.mutable_retry_after());
}

}  // namespace patchbay::upstream::codex
