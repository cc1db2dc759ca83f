#include "workers/accounts/providers/openai/models_reply.h"

#include <algorithm>
#include <unordered_set>

#include "lib/wire/json_members.h"
#include "workers/accounts/providers/models_reply.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNameBytes = 400;  // of names for people

// The first of these that is a number above 0.
std::int64_t FirstCount(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const json& value = wire::Member(object, key);
    if (value.is_number_integer() && value.get<std::int64_t>() > 0) return value.get<std::int64_t>();
  }
  return 0;
}

bool Holds(const json& list, std::string_view word) {
  return std::any_of(list.begin(), list.end(), [&](const json& item) { return wire::TextOf(item) == word; });
}

// OpenRouter, Mistral and others each have their own words for what a model can.
std::optional<bool> HasVision(const json& entry) {
  const json& inputs = wire::Member(wire::Member(entry, "architecture"), "input_modalities");
  if (inputs.is_array()) return Holds(inputs, "image");
  return wire::BoolOf(wire::Member(wire::Member(entry, "capabilities"), "vision"));
}

std::optional<bool> HasTools(const json& entry) {
  const json& parameters = wire::Member(entry, "supported_parameters");
  if (parameters.is_array()) return Holds(parameters, "tools");
  return wire::BoolOf(wire::Member(wire::Member(entry, "capabilities"), "function_calling"));
}

// Groq lists what it has switched off.
bool IsOff(const json& entry) { return !wire::BoolOf(wire::Member(entry, "active")).value_or(true); }

Model ReadModel(std::string_view provider, const json& entry) {
  Model model;
  model.id = wire::TextOf(entry, "id");
  model.provider = provider;
  model.told = true;
  // What equals the id is no name for people.
  const std::string name = wire::TextOf(entry, "name").substr(0, kMaxNameBytes);
  if (name != model.id) model.display_name = name;
  model.context_window = FirstCount(entry, {"context_length", "context_window", "max_context_length", "max_model_len"});
  model.max_output = FirstCount(entry, {"max_completion_tokens", "max_output_tokens"});
  if (model.max_output == 0)
    model.max_output = FirstCount(wire::Member(entry, "top_provider"), {"max_completion_tokens"});
  model.vision = HasVision(entry);
  model.tools = HasTools(entry);
  model.created_at = FirstCount(entry, {"created"});
  return model;
}

}  // namespace

Result<std::vector<Model>> ReadOpenAiModels(std::string_view provider, std::string_view body) {
  const json document = wire::ParseOrNothing(body);
  // Some tell the bare list (providers §3, at its end).
  const json& entries = document.is_array() ? document : wire::Member(document, "data");
  if (!entries.is_array()) return Error(ErrorCode::kInvalidArgument, "this is no list of models");
  std::vector<Model> models;
  std::unordered_set<std::string> known;
  for (const json& entry : entries) {
    if (models.size() >= kMaxModelsOfAPlan) break;
    Model model = ReadModel(provider, entry);
    if (IsModelName(model.id) && !IsOff(entry) && known.insert(model.id).second) models.push_back(std::move(model));
  }
  if (models.empty()) return Error(ErrorCode::kInvalidArgument, "the list holds no model");
  return models;
}

}  // namespace patchbay::accounts
