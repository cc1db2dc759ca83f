#include "workers/accounts/providers/codex/models_reply.h"

#include <algorithm>

#include "lib/wire/json_members.h"
#include "workers/accounts/providers/models_reply.h"

namespace patchbay::accounts {
namespace {

// The entry's own order is kept for the clients that it is handed on to.
using nlohmann::ordered_json;

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxTextBytes = 400;  // of names and descriptions

std::string ShortText(const ordered_json& value) { return wire::TextOf(value).substr(0, kMaxTextBytes); }

std::int64_t Count(const ordered_json& value) {
  return value.is_number_integer() ? std::max<std::int64_t>(value.get<std::int64_t>(), 0) : 0;
}

void AddOnce(std::vector<std::string>& words, std::string word) {
  if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
}

// Texts, or objects that hold theirs under `key`.
std::vector<std::string> Words(const ordered_json& list, const char* key) {
  std::vector<std::string> words;
  if (!list.is_array()) return words;
  for (const ordered_json& item : list) AddOnce(words, ShortText(item.is_object() ? wire::Member(item, key) : item));
  return words;
}

Model ReadEntry(std::string_view provider, const ordered_json& entry) {
  Model model;
  model.id = ShortText(wire::Member(entry, "slug"));
  model.provider = provider;
  model.display_name = ShortText(wire::Member(entry, "display_name"));
  model.description = ShortText(wire::Member(entry, "description"));
  model.context_window = Count(wire::Member(entry, "context_window"));
  model.priority = Count(wire::Member(entry, "priority"));
  model.hidden = ShortText(wire::Member(entry, "visibility")) != "list";
  model.efforts = Words(wire::Member(entry, "supported_reasoning_levels"), "effort");
  model.default_effort = ShortText(wire::Member(entry, "default_reasoning_level"));
  model.service_tiers = Words(wire::Member(entry, "service_tiers"), "id");
  for (const std::string& speed : Words(wire::Member(entry, "additional_speed_tiers"), "id")) {
    AddOnce(model.service_tiers, speed == "fast" ? "priority" : speed);  // the older name of the field and its value
  }
  const ordered_json& modalities = wire::Member(entry, "input_modalities");
  const std::vector<std::string> inputs = Words(modalities, "");
  model.vision = !modalities.is_array() || std::find(inputs.begin(), inputs.end(), "image") != inputs.end();
  model.tools = true;
  model.entry = wire::Written(entry);
  return model;
}

}  // namespace

Result<std::vector<Model>> ReadCodexModels(std::string_view provider, std::string_view body) {
  const auto bounded = [](int depth, ordered_json::parse_event_t, ordered_json&) { return depth <= kMaxDepth; };
  const ordered_json document = ordered_json::parse(body, bounded, /*allow_exceptions=*/false);
  const ordered_json& entries = wire::Member(document, "models");
  if (!entries.is_array()) return Error(ErrorCode::kInvalidArgument, "this is no list of models");
  std::vector<Model> models;
  for (const ordered_json& entry : entries) {
    if (models.size() >= kMaxModelsOfAPlan) break;
    Model model = ReadEntry(provider, entry);
    const bool known = std::any_of(models.begin(), models.end(), [&](const Model& m) { return m.id == model.id; });
    if (IsModelName(model.id) && !known) models.push_back(std::move(model));
  }
  if (models.empty()) return Error(ErrorCode::kInvalidArgument, "the list holds no model");
  return models;
}

}  // namespace patchbay::accounts
