#include "workers/frontend/dialects/openai_responses/codex/tool_entries.h"

#include <algorithm>
#include <array>

#include "lib/base/error.h"
#include "lib/schema/tool_schema.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kWebSearchNames = {"web_search_preview", "web_search_preview_2025_03_11",
                                                             "web_search_2025_08_26"};

// {"type":"web_search_preview"}: an entry of `tools`, or what names one.
bool RenameWebSearch(json::value& tool) {
  const std::string_view type = wire::FindString(tool, "type");
  if (std::find(kWebSearchNames.begin(), kWebSearchNames.end(), type) == kWebSearchNames.end()) return false;
  tool.get_object()["type"] = "web_search";
  return true;
}

// The members of `tool[key]` take the place of that member.
bool Unfold(json::object& tool, std::string_view key) {
  json::value* inner = tool.if_contains(key);
  if (inner == nullptr || !inner->is_object()) return false;
  const json::object members = std::move(inner->get_object());
  tool.erase(key);
  for (const auto& [name, value] : members) tool[name] = value;
  return true;
}

// {"type":"function","function":{…}}: the form of Chat Completions, an entry of `tools` or what names one. A name
// beside the type says that it is not.
bool Flatten(json::value& tool) {
  const std::string type(wire::FindString(tool, "type"));
  if ((type != "function" && type != "custom") || tool.get_object().contains("name")) return false;
  if (!Unfold(tool.get_object(), type)) return false;
  json::value* format = tool.get_object().if_contains("format");
  if (format != nullptr && wire::FindString(*format, "type") == "grammar") Unfold(format->get_object(), "grammar");
  return true;
}

// The provider would refuse the whole request for one schema that it does not like.
bool MendFunction(json::object& tool, std::vector<std::string>& repaired) {
  json::value* schema = tool.if_contains("parameters");
  if (schema == nullptr || schema->is_null()) {
    tool["parameters"] = json::object{{"type", "object"}, {"properties", json::object{}}};
    return true;
  }
  if (!schema->is_object()) return false;  // the provider says what is wrong with it
  const schema::Mended mended = schema::MendToolSchema(*schema);
  const json::value* name = tool.if_contains("name");
  if (mended.loses && name != nullptr && name->is_string()) {
    repaired.push_back("tool_schema:" + std::string(name->get_string()));
  }
  return mended.changed;
}

}  // namespace

Result<std::optional<std::string>> NormalizeTools(std::string_view tools, std::vector<std::string>& repaired) {
  auto document = wire::JsonDocument::Parse(tools);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient).At("/tools");
  json::value& root = document->root();
  if (!root.is_array()) {
    return Error(ErrorCode::kInvalidArgument, "expected an array of tools").From(Origin::kClient).At("/tools");
  }
  bool changed = false;
  json::array& list = root.get_array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object()) {
      return Error(ErrorCode::kInvalidArgument, "expected an object")
          .From(Origin::kClient)
          .At("/tools/" + std::to_string(i));
    }
    changed = Flatten(list[i]) || changed;
    if (wire::FindString(list[i], "type") == "function") {
      changed = MendFunction(list[i].get_object(), repaired) || changed;
    }
    changed = RenameWebSearch(list[i]) || changed;
  }
  if (!changed) return std::optional<std::string>();
  if (!wire::IsFinite(root)) {
    return Error(ErrorCode::kInvalidArgument, "a number is too large").From(Origin::kClient).At("/tools");
  }
  return std::optional<std::string>(wire::JsonText(root));
}

std::optional<std::string> NormalizeToolChoice(std::string_view choice) {
  auto parsed = wire::ParseJson(choice);
  if (!parsed.ok() || !parsed->is_object()) return std::nullopt;  // a word, or the provider says what is wrong with it
  bool changed = RenameWebSearch(*parsed) || Flatten(*parsed);
  if (wire::FindString(*parsed, "type") == "allowed_tools") {
    changed = Unfold(parsed->get_object(), "allowed_tools") || changed;
  }
  json::value* allowed = parsed->get_object().if_contains("tools");
  if (allowed != nullptr && allowed->is_array()) {
    for (json::value& tool : allowed->get_array()) changed = RenameWebSearch(tool) || Flatten(tool) || changed;
  }
  return changed && wire::IsFinite(*parsed) ? std::optional(wire::JsonText(*parsed)) : std::nullopt;
}

}  // namespace patchbay::frontend::openai_responses::codex
