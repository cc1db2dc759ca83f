#include "workers/upstream/dialects/common/responses/text_encoder.h"

#include <string>
#include <string_view>

#include "workers/upstream/dialects/common/checked_json.h"

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

std::string_view VerbosityName(inf::Verbosity verbosity) {
  switch (verbosity) {
    case inf::VERBOSITY_LOW: return "low";
    case inf::VERBOSITY_MEDIUM: return "medium";
    case inf::VERBOSITY_HIGH: return "high";
    default: return {};
  }
}

}  // namespace

Result<void> WriteText(JsonWriter& json, const inf::GenerateRequest& request) {
  const inf::OutputFormat& format = request.output_format();
  const std::string_view verbosity = VerbosityName(request.verbosity());
  const bool structured =
      format.kind() == inf::OutputFormat::KIND_JSON_OBJECT || format.kind() == inf::OutputFormat::KIND_JSON_SCHEMA;
  if (verbosity.empty() && !structured) return {};
  json.Key("text").BeginObject();
  if (!verbosity.empty()) json.Key("verbosity").String(verbosity);
  if (format.kind() == inf::OutputFormat::KIND_JSON_OBJECT) {
    json.Key("format").BeginObject().Key("type").String("json_object").EndObject();
  } else if (structured) {
    ASSIGN_OR_RETURN(const std::string schema, CheckedObject(format.schema_json(), "output_format.schema"));
    json.Key("format").BeginObject().Key("type").String("json_schema");
    json.Key("name").String(format.name().empty() ? "response" : format.name());
    if (!format.description().empty()) json.Key("description").String(format.description());
    if (format.has_strict()) json.Key("strict").Bool(format.strict());
    json.Key("schema").Raw(schema).EndObject();
  }
  json.EndObject();
  return {};
}

}  // namespace patchbay::upstream::responses
