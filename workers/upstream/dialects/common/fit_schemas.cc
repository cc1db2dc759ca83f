#include "workers/upstream/dialects/common/fit_schemas.h"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "lib/schema/tool_schema.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/upstream/dialects/common/strict_schema.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;
namespace json = boost::json;

Result<wire::JsonDocument> ParseSchema(const std::string& text, std::string where) {
  const auto wrong = [&](Error error) { return std::move(error).From(Origin::kClient).At(std::move(where)); };
  auto document = wire::JsonDocument::Parse(text);
  if (!document.ok()) return wrong(document.error());
  const json::value& schema = document->root();
  if (!schema.is_object()) return wrong(Error(ErrorCode::kInvalidArgument, "a JSON object is needed here"));
  if (!wire::IsFinite(schema)) return wrong(Error(ErrorCode::kInvalidArgument, "a number is too large"));
  return document;
}

// Arguments are the client's to read as they come, so a strict tool must not need a shape of its own; else it is not
// strict, which is what most clients live with anyway.
bool MakeStrictTool(json::value& schema) {
  if (wire::FindString(schema, "type") != "object" || !CanBeStrict(schema)) return false;
  json::value strict = schema;
  if (MakeStrict(strict).restores) return false;
  schema = std::move(strict);
  return true;
}

Result<void> FitTool(inf::FunctionTool& function, SchemaRules rules, FitNotes& notes) {
  if (function.parameters_json().empty()) return {};
  ASSIGN_OR_RETURN(wire::JsonDocument document,
                   ParseSchema(function.parameters_json(), "tools." + function.name() + ".parameters"));
  json::value& schema = document.root();
  bool changed = false;
  if (function.strict()) {
    changed = rules == SchemaRules::kOpenAi && MakeStrictTool(schema);
    function.set_strict(changed);
    if (!changed) notes.Ignore("tools.strict");
  }
  const schema::Mended mended = schema::MendToolSchema(schema);
  if (mended.loses) notes.repaired.push_back("tool_schema:" + function.name());
  if (changed || mended.changed) function.set_parameters_json(wire::JsonText(schema));
  return {};
}

Result<void> FitTools(google::protobuf::RepeatedPtrField<inf::Tool>& tools, SchemaRules rules, FitNotes& notes) {
  for (inf::Tool& tool : tools) {
    if (tool.has_function()) RETURN_IF_ERROR(FitTool(*tool.mutable_function(), rules, notes));
    if (tool.has_namespace_()) RETURN_IF_ERROR(FitTools(*tool.mutable_namespace_()->mutable_tools(), rules, notes));
  }
  return {};
}

Result<void> FitFormat(inf::OutputFormat& format, AnswerPlan& plan, FitNotes& notes) {
  ASSIGN_OR_RETURN(wire::JsonDocument document, ParseSchema(format.schema_json(), "output_format.schema"));
  json::value& schema = document.root();
  plan.unwraps = WrapRoot(schema);
  bool changed = plan.unwraps;
  if (format.strict() && CanBeStrict(schema)) {
    std::string wanted = wire::JsonText(schema);
    const MadeStrict strict = MakeStrict(schema);
    if (strict.changed) notes.repaired.emplace_back("strict_schema");
    if (strict.restores) plan.schema_json = std::move(wanted);
    changed |= strict.changed;
  } else if (format.strict()) {
    // It still says what the answer should look like, only nobody holds the model to it.
    format.set_strict(false);
    notes.Ignore("output_format.strict");
  }
  const schema::Mended mended = schema::MendSchema(schema);
  if (mended.loses) notes.repaired.emplace_back("output_schema");
  changed |= mended.changed;
  if (changed) format.set_schema_json(wire::JsonText(schema));
  return {};
}

}  // namespace

Result<void> FitSchemas(inf::GenerateRequest& request, SchemaRules rules, AnswerPlan& plan, FitNotes& notes) {
  if (rules == SchemaRules::kAny) return {};
  RETURN_IF_ERROR(FitTools(*request.mutable_tools(), rules, notes));
  if (rules != SchemaRules::kOpenAi) return {};
  if (request.output_format().kind() != inf::OutputFormat::KIND_JSON_SCHEMA) return {};
  return FitFormat(*request.mutable_output_format(), plan, notes);
}

}  // namespace patchbay::upstream
