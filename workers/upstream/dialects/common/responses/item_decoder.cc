#include "workers/upstream/dialects/common/responses/item_decoder.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "lib/time/proto_time.h"
#include "lib/wire/json_reader.h"
#include "workers/upstream/dialects/common/responses/hosted_decoder.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;

// Everything an item of any type may have.
struct ItemFields {
  std::string_view type, id, encrypted_content, name, name_space, arguments, input, call_id;
  std::string_view content, summary;  // JSON arrays
};

void AddOpaquePart(std::string_view type, std::string_view json, inf::Message& message) {
  inf::Opaque& opaque = *message.add_parts()->mutable_opaque();
  opaque.set_dialect(std::string(kRawDialect));
  opaque.set_type(std::string(type));
  opaque.set_json(std::string(json));
}

constexpr std::string_view kEmptyArray = "[]";

void DecodeAnnotations(std::string_view annotations, inf::Part& part) {
  wire::JsonReader reader(annotations);
  reader.ForEachElement([&](wire::JsonValue element) {
    inf::Citation citation;
    if (DecodeCitation(element.RawObject(), citation)) *part.add_citations() = std::move(citation);
  });
}

void DecodeContent(std::string_view content, inf::Message& message) {
  wire::JsonReader parts(content);
  parts.ForEachElement([&](wire::JsonValue element) {
    const std::string_view json = element.RawObject();
    std::string_view type, text, refusal, annotations;
    wire::JsonReader part(json);
    part.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "type") type = value.Text();
      if (key == "text") text = value.Text();
      if (key == "refusal") refusal = value.Text();
      if (key == "annotations") annotations = value.RawArray();
    });
    if (type == "output_text") {
      inf::Part& decoded = *message.add_parts();
      decoded.set_text(std::string(text));
      if (annotations.size() > kEmptyArray.size()) DecodeAnnotations(annotations, decoded);
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

}  // namespace

bool DecodeItem(std::string_view json, inf::Item& item) {
  ItemFields fields;
  wire::JsonReader reader(json);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type")
      fields.type = value.Text();
    else if (key == "id")
      fields.id = value.Text();
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
  } else if (inf::HostedToolItem hosted; DecodeHostedItem(fields.type, json, hosted)) {
    *item.mutable_hosted_tool() = std::move(hosted);
  } else {
    // For a client of the same dialect: it gets the item whole.
    inf::Opaque& opaque = *item.mutable_opaque();
    opaque.set_dialect(std::string(kRawDialect));
    opaque.set_type(std::string(fields.type));
    opaque.set_json(std::string(json));
  }
  return true;
}

bool DecodeCitation(std::string_view json, inf::Citation& citation) {
  std::string_view type, url, title, file_id, filename;
  std::int64_t begin = 0, end = 0, index = 0;
  wire::JsonReader reader(json);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type")
      type = value.Text();
    else if (key == "url")
      url = value.Text();
    else if (key == "title")
      title = value.Text();
    else if (key == "file_id")
      file_id = value.Text();
    else if (key == "filename")
      filename = value.Text();
    else if (key == "start_index")
      begin = value.Int();
    else if (key == "end_index")
      end = value.Int();
    else if (key == "index")
      index = value.Int();
  });
  if (!ok || type.empty()) return false;
  const auto offset = [](std::int64_t number) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, 0, std::numeric_limits<std::int32_t>::max()));
  };
  if (type == "url_citation") {
    citation.mutable_web()->set_url(std::string(url));
    citation.mutable_web()->set_title(std::string(title));
    citation.set_begin(offset(begin));
    citation.set_end(offset(end));
  } else if (type == "file_citation") {
    citation.mutable_file()->set_file_id(std::string(file_id));
    citation.mutable_file()->set_filename(std::string(filename));
    citation.mutable_file()->set_index(offset(index));
  } else {
    inf::Opaque& opaque = *citation.mutable_opaque();
    opaque.set_dialect(std::string(kRawDialect));
    opaque.set_type(std::string(type));
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

inf::Tier TierOf(std::string_view name) {
  if (name == "default") return inf::TIER_STANDARD;
  if (name == "priority") return inf::TIER_PRIORITY;
  if (name == "flex") return inf::TIER_FLEX;
  if (name == "scale") return inf::TIER_SCALE;
  return name == "auto" ? inf::TIER_AUTO : inf::TIER_UNSPECIFIED;
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

}  // namespace patchbay::upstream::responses
