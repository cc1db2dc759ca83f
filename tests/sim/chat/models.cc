#include "tests/sim/chat/models.h"

#include <algorithm>

namespace patchbay::sim {

std::span<const ApiModel> ApiModels() {
  static const std::vector<ApiModel> kModels = {
      {.id = "gpt-5.5",
       .old_cap = false,
       .developer = true,
       .sampling = false,
       .penalties = false,
       .probabilities = false,
       .custom_tools = true,
       .responses = true,
       .efforts = {"none", "minimal", "low", "medium", "high", "xhigh"}},
      {.id = "gpt-4.1", .developer = true, .custom_tools = true, .responses = true},
      {.id = "grok-4.6",
       .penalties = false,
       .extras = false,
       .responses = true,
       .labels = false,
       .search_sources = false,
       .efforts = {"none", "low", "medium", "high", "xhigh"}},
      {.id = "deepseek-v4-pro",
       .form = ReasoningForm::kContent,
       .new_cap = false,
       .extras = false,
       .reasoning_back = true,
       .forced_tools = false,
       .vision = false,
       .efforts = {"low", "high", "max"}},
      {.id = "openai/gpt-oss-120b",
       .form = ReasoningForm::kReasoning,
       .probabilities = false,
       .names = false,
       .extras = false,
       .vision = false,
       .efforts = {"low", "medium", "high"}},
      {.id = "z-ai/glm-5.2", .form = ReasoningForm::kDetails, .efforts = {"none", "low", "medium", "high", "xhigh"}},
      {.id = "mistral-large-latest",
       .form = ReasoningForm::kParts,
       .new_cap = false,
       .probabilities = false,
       .extras = false,
       .stream_options = false,
       .short_ids = true},
      {.id = "MiniMax-M3", .form = ReasoningForm::kThink, .one_system = true, .probabilities = false, .extras = false},
      {.id = "kimi-k2.7-code",
       .form = ReasoningForm::kContent,
       .new_cap = false,
       .one_system = true,
       .probabilities = false,
       .names = false,
       .extras = false,
       .reasoning_back = true,
       .forced_tools = false,
       .vision = false},
      {.id = "qwen3.5-coder", .one_system = true, .probabilities = false, .extras = false},
  };
  return kModels;
}

const ApiModel* FindApiModel(std::string_view id) {
  const auto models = ApiModels();
  const auto found = std::find_if(models.begin(), models.end(), [&](const ApiModel& model) { return model.id == id; });
  return found == models.end() ? nullptr : &*found;
}

}  // namespace patchbay::sim
