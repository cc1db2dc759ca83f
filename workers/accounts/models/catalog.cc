#include "workers/accounts/models/catalog.h"

#include <algorithm>

#include "lib/time/time_text.h"

namespace patchbay::accounts {
namespace {

// A model as its provider's row has it.
Model FromRow(const std::string& provider, const std::string& id, const catalog::v1::Model& row) {
  Model model;
  model.id = id;
  model.provider = provider;
  model.display_name = row.name();
  model.description = row.description();
  model.context_window = row.context();
  model.max_output = row.output();
  model.vision = row.vision();
  model.tools = row.tools();
  model.efforts.assign(row.efforts().begin(), row.efforts().end());
  model.default_effort = row.default_effort();
  model.service_tiers.assign(row.service_tiers().begin(), row.service_tiers().end());
  model.hidden = row.hidden();
  model.priority = row.position();
  if (const auto day = ParseDate(row.released())) {
    model.created_at = std::chrono::floor<std::chrono::seconds>(day->time_since_epoch()).count();
  }
  return model;
}

template <class Value>
void FillIn(Value& told, const Value& known) {
  if (told == Value()) told = known;
}

// What the provider did not tell; whether a model has tiers it always tells.
void FillIn(Model& told, const Model& known) {
  FillIn(told.display_name, known.display_name);
  FillIn(told.description, known.description);
  FillIn(told.context_window, known.context_window);
  FillIn(told.max_output, known.max_output);
  FillIn(told.vision, known.vision);
  FillIn(told.tools, known.tools);
  FillIn(told.efforts, known.efforts);
  FillIn(told.default_effort, known.default_effort);
  FillIn(told.created_at, known.created_at);
}

// What nobody tells of a model, its provider's row may tell of all of them. Else the provider decides.
void AssumeRest(Model& model, const Provider* provider) {
  const auto capabilities =
      provider == nullptr ? google::protobuf::RepeatedPtrField<std::string>() : provider->row.capabilities();
  const auto has = [&](std::string_view word) {
    return capabilities.empty() || std::find(capabilities.begin(), capabilities.end(), word) != capabilities.end();
  };
  if (!model.vision) model.vision = has("vision");
  if (!model.tools) model.tools = has("tools");
}

void Price(Model& model, const catalog::v1::Prices* prices) {
  if (prices == nullptr) return;
  FillIn(model.input_price, prices->input());
  FillIn(model.cached_input_price, prices->cached_input());
  FillIn(model.output_price, prices->output());
}

template <class Models>
auto FindIn(Models& models, std::string_view provider, std::string_view id) -> decltype(models.data()) {
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&](const Model& model) { return model.id == id && model.provider == provider; });
  return found == models.end() ? nullptr : &*found;
}

}  // namespace

bool IsModelName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxModelNameBytes &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

ModelCatalog::ModelCatalog(const Providers& providers) : providers_(providers) { Rebuild(); }

const Model* ModelCatalog::Find(std::string_view provider, std::string_view id) const {
  return FindIn(models_, provider, id);
}

std::vector<const Model*> ModelCatalog::FindAll(std::string_view id) const {
  std::vector<const Model*> found;
  for (const Model& model : models_) {
    if (model.id == id) found.push_back(&model);
  }
  std::stable_sort(found.begin(), found.end(),
                   [this](const Model* a, const Model* b) { return RankOf(a->provider) < RankOf(b->provider); });
  return found;
}

const Model* ModelCatalog::Find(std::string_view id) const {
  const auto found = FindAll(id);
  return found.empty() ? nullptr : found.front();
}

std::size_t ModelCatalog::RankOf(std::string_view provider) const {
  const auto at = std::find(order_.begin(), order_.end(), provider);
  if (at != order_.end()) return static_cast<std::size_t>(at - order_.begin());
  const Provider* by_default = providers_.Default();
  return order_.size() + (by_default != nullptr && by_default->id == provider ? 0 : 1);
}

bool ModelCatalog::HasAccounts(std::string_view provider) const {
  return std::find(order_.begin(), order_.end(), provider) != order_.end();
}

void ModelCatalog::Sort(std::vector<const Provider*>& providers) const {
  std::stable_sort(providers.begin(), providers.end(),
                   [this](const Provider* a, const Provider* b) { return RankOf(a->id) < RankOf(b->id); });
}

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

void ModelCatalog::Expect(std::set<PlanKey> plans, std::vector<std::string> order) {
  if (plans == expected_ && order == order_) return;
  expected_ = std::move(plans);
  order_ = std::move(order);
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
      if (FindIn(models_, model.provider, model.id) == nullptr) models_.push_back(model);
    }
  }
  for (const auto& [key, list] : lists_) {
    for (const Model& model : list.models) FindIn(models_, model.provider, model.id)->plans.push_back(list.plan);
    for (Model& model : models_) {
      if (model.provider == list.provider && FindIn(list.models, model.provider, model.id) == nullptr)
        model.lacking_plans.push_back(list.plan);
    }
  }
  for (const auto& [id, provider] : providers_.all()) AddRow(provider);
  for (Model& model : models_) {
    const Provider* provider = providers_.Find(model.provider);
    AssumeRest(model, provider);
    if (provider != nullptr) Price(model, providers_.PricesOf(*provider, model.id));
  }
  std::stable_sort(models_.begin(), models_.end(), [this](const Model& a, const Model& b) {
    return std::pair(RankOf(a.provider), a.priority) < std::pair(RankOf(b.provider), b.priority);
  });
}

// What the row knows of models: what the provider did not tell of its own, and, while it has not told all, further
// ones.
void ModelCatalog::AddRow(const Provider& provider) {
  const auto is_its = [&](const auto& entry) { return entry.first.first == provider.id; };
  const auto has_told = [&](const PlanKey& plan) { return plan.first != provider.id || lists_.contains(plan); };
  const bool complete =
      std::any_of(lists_.begin(), lists_.end(), is_its) && std::all_of(expected_.begin(), expected_.end(), has_told);
  const bool has_accounts =
      std::any_of(expected_.begin(), expected_.end(), [&](const PlanKey& plan) { return plan.first == provider.id; });
  const bool shown = has_accounts || (expected_.empty() && providers_.Default() == &provider);
  // A map of protobuf keeps no order; people want the same one every time.
  const std::map<std::string, catalog::v1::Model> rows(provider.row.models().list().begin(),
                                                       provider.row.models().list().end());
  for (const auto& [id, row] : rows) {
    Model known = FromRow(provider.id, id, row);
    if (Model* told = FindIn(models_, provider.id, id)) {
      FillIn(*told, known);
    } else if (!complete && shown) {
      models_.push_back(std::move(known));
    }
  }
}

}  // namespace patchbay::accounts
