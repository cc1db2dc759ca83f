#include "workers/accounts/models/catalog.h"

#include <algorithm>

#include "workers/accounts/providers/codex/codex.h"

namespace patchbay::accounts {
namespace {

// How far up the ladder of efforts a model goes; each has those of the ones before.
enum class Top { kXhigh, kMax, kUltra };

struct Shipped {
  std::string_view id;
  std::string_view display_name;
  std::string_view description;
  std::int64_t created_at;
  Top top;
  std::int64_t context_window = 272000;
  bool hidden = false;
  bool vision = true;
};

constexpr std::int64_t kLargeWindow = 500000;
// Providers tell no dates: when the CLI that brought it was seen.
constexpr std::int64_t kSpring = 1776729600, kSummer = 1782864000, kAutumn = 1793491200;
constexpr std::string_view kSol = "The most capable, for long and hard work", kTerra = "Balanced",
                           kLuna = "Fast and light";

// The catalog that Codex CLI 0.171 ships, in its order (real-clients §7.1); sizes and efforts from the same place.
constexpr Shipped kShipped[] = {
    {"gpt-6.2-sol", "GPT-6.2 Sol", kSol, kAutumn, Top::kUltra, kLargeWindow},
    {"gpt-6.2-astra", "GPT-6.2 Astra", "", kAutumn, Top::kUltra},
    {"gpt-6.1-terra", "GPT-6.1 Terra", kTerra, kAutumn, Top::kUltra, kLargeWindow},
    {"gpt-6.1-sol", "GPT-6.1 Sol", kSol, kAutumn, Top::kUltra, kLargeWindow},
    {"gpt-6-astra", "GPT-6 Astra", "", kAutumn, Top::kUltra},
    {"gpt-6-sol", "GPT-6 Sol", kSol, kAutumn, Top::kUltra},
    {"gpt-6-luna", "GPT-6 Luna", kLuna, kAutumn, Top::kMax},
    {"gpt-5.6-sol", "GPT-5.6 Sol", kSol, kSummer, Top::kUltra},
    {"gpt-5.6-terra", "GPT-5.6 Terra", kTerra, kSummer, Top::kUltra},
    {"gpt-5.6-luna", "GPT-5.6 Luna", kLuna, kSummer, Top::kMax},
    {"gpt-daybreak-blue-latest", "GPT Daybreak Blue", "Preview", kSummer, Top::kUltra, 272000, true},
    {"gpt-daybreak-red-latest", "GPT Daybreak Red", "Preview", kSummer, Top::kUltra, 272000, true},
    {"codex-auto-review", "Codex auto review", "Reviews changes", kSpring, Top::kMax, 272000, true, false},
    {"gpt-5.5", "GPT-5.5", "", kSpring, Top::kXhigh},
};

std::vector<Model> ShippedModels() {
  std::vector<Model> models;
  for (const Shipped& shipped : kShipped) {
    Model model;
    model.id = shipped.id;
    model.provider = kCodexProvider.name;
    model.display_name = shipped.display_name;
    model.description = shipped.description;
    model.context_window = shipped.context_window;
    model.vision = shipped.vision;
    model.hidden = shipped.hidden;
    model.tools = true;
    model.efforts = {"low", "medium", "high", "xhigh"};
    if (shipped.top >= Top::kMax) model.efforts.emplace_back("max");
    if (shipped.top >= Top::kUltra) model.efforts.emplace_back("ultra");
    model.default_effort = "medium";
    model.service_tiers = {"priority"};
    model.priority = static_cast<std::int64_t>(models.size()) + 1;
    model.created_at = shipped.created_at;
    models.push_back(std::move(model));
  }
  return models;
}

template <class Value>
void FillIn(Value& told, const Value& shipped) {
  if (told == Value()) told = shipped;
}

// What the provider did not tell; whether a model has tiers it always tells.
void FillIn(Model& told, const Model& shipped) {
  FillIn(told.display_name, shipped.display_name);
  FillIn(told.description, shipped.description);
  FillIn(told.context_window, shipped.context_window);
  FillIn(told.efforts, shipped.efforts);
  FillIn(told.default_effort, shipped.default_effort);
  FillIn(told.created_at, shipped.created_at);
}

template <class Models>
auto FindIn(Models& models, std::string_view id) -> decltype(models.data()) {
  const auto found = std::find_if(models.begin(), models.end(), [&](const Model& model) { return model.id == id; });
  return found == models.end() ? nullptr : &*found;
}

}  // namespace

bool IsModelName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxModelNameBytes &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

ModelCatalog::ModelCatalog() { Rebuild(); }

const Model* ModelCatalog::Find(std::string_view id) const { return FindIn(models_, id); }

bool ModelCatalog::HasEffort(std::string_view word) const {
  return std::any_of(models_.begin(), models_.end(), [&](const Model& model) {
    return std::find(model.efforts.begin(), model.efforts.end(), word) != model.efforts.end();
  });
}

void ModelCatalog::Put(PlanList list) {
  PlanKey key{list.provider, list.plan};
  lists_.insert_or_assign(std::move(key), std::move(list));
  Rebuild();
}

void ModelCatalog::Forget(const std::string& provider, const std::string& plan) {
  if (lists_.erase({provider, plan}) > 0) Rebuild();
}

void ModelCatalog::Expect(std::set<PlanKey> plans) {
  if (plans == expected_) return;
  expected_ = std::move(plans);
  Rebuild();
}

void ModelCatalog::Rebuild() {
  ++version_;
  models_.clear();
  std::vector<const PlanList*> newest_first;
  for (const auto& [key, list] : lists_) newest_first.push_back(&list);
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const PlanList* a, const PlanList* b) { return a->fetched_at > b->fetched_at; });
  for (const PlanList* list : newest_first) {
    for (const Model& model : list->models) {
      if (FindIn(models_, model.id) == nullptr) models_.push_back(model);
    }
  }
  for (const auto& [key, list] : lists_) {
    for (const Model& model : list.models) FindIn(models_, model.id)->plans.push_back(list.plan);
    for (Model& model : models_) {
      if (model.provider == list.provider && FindIn(list.models, model.id) == nullptr)
        model.lacking_plans.push_back(list.plan);
    }
  }
  std::stable_sort(models_.begin(), models_.end(),
                   [](const Model& a, const Model& b) { return a.priority < b.priority; });
  const bool complete = !lists_.empty() && std::all_of(expected_.begin(), expected_.end(),
                                                       [&](const PlanKey& plan) { return lists_.contains(plan); });
  for (Model& shipped : ShippedModels()) {
    if (Model* told = FindIn(models_, shipped.id)) {
      FillIn(*told, shipped);
    } else if (!complete) {
      models_.push_back(std::move(shipped));
    }
  }
}

}  // namespace patchbay::accounts
