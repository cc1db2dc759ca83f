#include "workers/accounts/providers/codex/models_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace patchbay::accounts {
namespace {

// The entry's own order is kept for the clients that it is handed on to.
using nlohmann::ordered_json;

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxTextBytes = 400;  // of names and descriptions

const ordered_json& Member(const ordered_json& object, const char* key) {
  static const ordered_json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string Text(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>().substr(0, kMaxTextBytes) : std::string();
}

std::int64_t Number(const ordered_json& value) {
  return value.is_number_integer() ? std::max<std::int64_t>(value.get<std::int64_t>(), 0) : 0;
}

void AddOnce(std::vector<std::string>& words, std::string word) {
  if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
}

// Texts, or objects that hold theirs under `key`.
std::vector<std::string> Words(const ordered_json& list, const char* key) {
  std::vector<std::string> words;
  if (!list.is_array()) return words;
  for (const ordered_json& item : list) AddOnce(words, Text(item.is_object() ? Member(item, key) : item));
  return words;
}

Model ReadModel(std::string_view provider, const ordered_json& entry) {
  Model model;
  model.id = Text(Member(entry, "slug"));
  model.provider = provider;
  model.display_name = Text(Member(entry, "display_name"));
  model.description = Text(Member(entry, "description"));
  model.context_window = Number(Member(entry, "context_window"));
  model.priority = Number(Member(entry, "priority"));
  model.hidden = Text(Member(entry, "visibility")) != "list";
  model.efforts = Words(Member(entry, "supported_reasoning_levels"), "effort");
  model.default_effort = Text(Member(entry, "default_reasoning_level"));
  model.service_tiers = Words(Member(entry, "service_tiers"), "id");
  for (const std::string& speed : Words(Member(entry, "additional_speed_tiers"), "id")) {
    AddOnce(model.service_tiers, speed == "fast" ? "priority" : speed);  // the older name of the field and its value
  }
  const ordered_json& modalities = Member(entry, "input_modalities");
  const std::vector<std::string> inputs = Words(modalities, "");
  model.vision = !modalities.is_array() || std::find(inputs.begin(), inputs.end(), "image") != inputs.end();
  model.tools = true;
  model.entry = entry.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return model;
}

}  // namespace

Result<std::vector<Model>> ReadModelsReply(std::string_view provider, std::string_view body) {
  const auto bounded = [](int depth, ordered_json::parse_event_t, ordered_json&) { return depth <= kMaxDepth; };
  const ordered_json document = ordered_json::parse(body, bounded, /*allow_exceptions=*/false);
  const ordered_json& entries = Member(document, "models");
  if (!entries.is_array()) return Error(ErrorCode::kInvalidArgument, "this is no list of models");
  std::vector<Model> models;
  for (const ordered_json& entry : entries) {
    if (models.size() >= kMaxModelsOfAPlan) break;
    Model model = ReadModel(provider, entry);
    const bool known = std::any_of(models.begin(), models.end(), [&](const Model& m) { return m.id == model.id; });
    if (IsModelName(model.id) && !known) models.push_back(std::move(model));
  }
  if (models.empty()) return Error(ErrorCode::kInvalidArgument, "the list holds no model");
  return models;
}

}  // namespace patchbay::accounts
