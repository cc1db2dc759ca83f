#include "workers/frontend/dialects/openai_responses/translated/tool_search.h"

#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;
namespace json = boost::json;

void AppendName(std::string_view space, const JsonNode& tool, std::string& out) {
  const auto name = tool.Find("name");
  if (!name || !name->IsString()) return;
  out.append(out.empty() ? "" : ", ").append(*name->String());
  if (!space.empty()) out.append(" of ").append(space);
}

}  // namespace

Result<bool> IsRunByClient(const JsonNode& node) {
  ASSIGN_OR_RETURN(const std::string_view execution, node.OptionalString("execution"));
  return execution == "client";
}

bool OffersToolSearch(std::string_view tools) {
  // Nearly all requests are done with here.
  if (tools.find(kToolSearch) == std::string_view::npos) return false;
  const auto list = wire::ParseJson(tools);
  if (!list.ok() || !list->is_array()) return false;
  for (const json::value& tool : list->get_array()) {
    if (wire::FindString(tool, "type") == kToolSearch && wire::FindString(tool, "execution") == "client") return true;
  }
  return false;
}

Result<void> DecodeSearchTool(const JsonNode& tool, inf::FunctionTool& out) {
  out.set_name(std::string(kToolSearch));
  ASSIGN_OR_RETURN(*out.mutable_description(), tool.OptionalString("description"));
  if (const auto parameters = tool.Find("parameters")) {
    RETURN_IF_ERROR(parameters->MustBeObject());
    out.set_parameters_json(parameters->Text());
  }
  return {};
}

Result<inf::ToolCall> DecodeSearchCall(const JsonNode& item) {
  inf::ToolCall call;
  ASSIGN_OR_RETURN(*call.mutable_call_id(), item.RequiredString("call_id"));
  call.set_kind(inf::TOOL_KIND_FUNCTION);
  call.set_name(std::string(kToolSearch));
  const auto arguments = item.Find("arguments");
  call.set_input(arguments ? arguments->Text() : "{}");
  return call;
}

std::string TextOfFound(const JsonNode& tools) {
  std::string names;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const JsonNode tool = tools.At(i);
    const auto inner = tool.Find("tools");
    if (!inner) {
      AppendName({}, tool, names);
      continue;
    }
    const auto space = tool.Find("name");
    const std::string_view of = space && space->IsString() ? *space->String() : std::string_view();
    for (std::size_t k = 0; k < inner->size(); ++k) AppendName(of, inner->At(k), names);
  }
  return names.empty() ? "No tool was found." : "These tools can be called now: " + names + ".";
}

std::string SearchCallJson(std::string_view id, std::string_view call_id, std::string_view status,
                           std::string_view input) {
  const auto arguments = wire::ParseJson(input);
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("id").String(id).Key("type").String(kToolSearchCall).Key("status").String(status);
  json.Key("execution").String("client").Key("call_id").String(call_id);
  json.Key("arguments").Raw(arguments.ok() && arguments->is_object() ? input : std::string_view("{}")).EndObject();
  return out;
}

}  // namespace patchbay::frontend::openai_responses::translated
