#include "workers/accounts/catalog/catalogue.h"

#include <algorithm>

namespace patchbay::accounts {
namespace {

struct Shipped {
  std::string_view id;
  std::string_view display_name;
  std::string_view description;
  std::int64_t created_at;
  bool max = false;  // thinks harder than xhigh when asked
  bool vision = true;
};

constexpr std::string_view kCodex = "codex";
constexpr std::int64_t kContextWindow = 272000;

// The catalogue that Codex CLI ships (codex-wire §12); sizes from the same place.
constexpr Shipped kShipped[] = {
    {"gpt-5.6-sol", "GPT-5.6 Sol", "The most capable model, for long and hard work", 1782864000, true},
    {"gpt-5.6-terra", "GPT-5.6 Terra", "Balanced", 1782864000, true},
    {"gpt-5.6-luna", "GPT-5.6 Luna", "Fast and light", 1782864000},
    {"gpt-5.5", "GPT-5.5", "", 1776729600},
    {"gpt-5.4", "GPT-5.4", "", 1772668800},
    {"gpt-5.4-mini", "GPT-5.4 mini", "Small and quick", 1772668800},
    {"gpt-5.2", "GPT-5.2", "", 1765411200},
    {"gpt-daybreak-blue-latest", "GPT Daybreak Blue", "Preview", 1782864000},
    {"gpt-daybreak-red-latest", "GPT Daybreak Red", "Preview", 1782864000},
    {"codex-auto-review", "Codex auto review", "Reviews changes", 1776729600, false, false},
};

}  // namespace

Catalogue::Catalogue() {
  for (const Shipped& shipped : kShipped) {
    Model model;
    model.id = shipped.id;
    model.provider = kCodex;
    model.display_name = shipped.display_name;
    model.description = shipped.description;
    model.context_window = kContextWindow;
    model.vision = shipped.vision;
    model.tools = true;
    model.efforts = {"low", "medium", "high", "xhigh"};
    if (shipped.max) model.efforts.emplace_back("max");
    model.created_at = shipped.created_at;
    models_.push_back(std::move(model));
  }
}

const Model* Catalogue::Find(std::string_view id) const {
  const auto found = std::find_if(models_.begin(), models_.end(), [&](const Model& model) { return model.id == id; });
  return found == models_.end() ? nullptr : &*found;
}

}  // namespace patchbay::accounts
