#include "workers/frontend/dialects/openai_responses/countable_request.h"

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend::openai_responses {
namespace {

namespace json = boost::json;
using Parts = google::protobuf::RepeatedPtrField<inference::v1::Part>;

// A string, or an array of parts.
void SketchContent(const json::value* content, Parts& out) {
  if (content == nullptr) return;
  if (content->is_string()) {
    out.Add()->set_text(std::string(content->get_string()));
    return;
  }
  if (!content->is_array()) return;
  for (const json::value& part : content->get_array()) {
    const std::string_view type = wire::FindString(part, "type");
    if (type == "input_image") {
      out.Add()->mutable_image()->set_url(std::string(wire::FindString(part, "image_url")));
    } else if (type == "input_file") {
      out.Add()->mutable_file()->set_url(std::string(wire::FindString(part, "file_data")));
    } else {
      out.Add()->set_text(std::string(wire::FindString(part, type == "refusal" ? "refusal" : "text")));
    }
  }
}

void SketchItem(const json::value& item, inference::v1::Item& out) {
  const std::string_view type = wire::FindString(item, "type");
  if (type == "message" || type.empty()) {
    SketchContent(wire::FindMember(item, "content"), *out.mutable_message()->mutable_parts());
  } else if (type == "function_call" || type == "custom_tool_call") {
    out.mutable_tool_call()->set_name(std::string(wire::FindString(item, "name")));
    out.mutable_tool_call()->set_input(
        std::string(wire::FindString(item, type == "function_call" ? "arguments" : "input")));
  } else if (type == "function_call_output" || type == "custom_tool_call_output") {
    SketchContent(wire::FindMember(item, "output"), *out.mutable_tool_result()->mutable_parts());
  } else if (type == "reasoning") {
    if (const json::value* summary = wire::FindMember(item, "summary"); summary != nullptr && summary->is_array()) {
      for (const json::value& part : summary->get_array()) {
        out.mutable_reasoning()->add_summary(std::string(wire::FindString(part, "text")));
      }
    }
  } else {
    out.mutable_opaque()->set_json(json::serialize(item));
  }
}

}  // namespace

Result<inference::v1::GenerateRequest> CountableRequest(std::string_view body) {
  ASSIGN_OR_RETURN(const json::value document, wire::ParseJson(body));
  inference::v1::GenerateRequest sketch;
  sketch.set_instructions(std::string(wire::FindString(document, "instructions")));
  if (const json::value* input = wire::FindMember(document, "input"); input != nullptr && input->is_array()) {
    for (const json::value& item : input->get_array()) SketchItem(item, *sketch.add_items());
  }
  if (const json::value* tools = wire::FindMember(document, "tools"); tools != nullptr && tools->is_array()) {
    for (const json::value& tool : tools->get_array()) {
      auto& function = *sketch.add_tools()->mutable_function();
      function.set_name(std::string(wire::FindString(tool, "name")));
      function.set_description(std::string(wire::FindString(tool, "description")));
      const json::value* schema = wire::FindMember(tool, "parameters");
      if (schema == nullptr) schema = wire::FindMember(tool, "tools");
      if (schema != nullptr) function.set_parameters_json(json::serialize(*schema));
    }
  }
  return sketch;
}

}  // namespace patchbay::frontend::openai_responses
