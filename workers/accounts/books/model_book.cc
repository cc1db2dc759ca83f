#include "workers/accounts/books/model_book.h"

#include <algorithm>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/models/built_in_aliases.h"
#include "workers/accounts/models/nearest.h"
#include "workers/accounts/providers/models_reply.h"

namespace patchbay::accounts {
namespace {

// Whom it makes sense to ask: a used-up quota is no hindrance for a list, a dead login is.
bool MayBeAsked(const PoolAccount* account) {
  if (account == nullptr || !account->facts.enabled) return false;
  const AccountState state = account->state();
  return state == AccountState::kActive || state == AccountState::kThrottled || state == AccountState::kExhausted;
}

const std::string& TitleOf(const Model& model) { return model.display_name.empty() ? model.id : model.display_name; }

}  // namespace

void ModelBook::Load(std::vector<StoredModelList> lists) {
  for (StoredModelList& list : lists) {
    const Provider* provider = providers_.Find(list.provider);
    if (provider == nullptr) continue;  // its row may come back
    auto models = ReadModels(*provider, list.body);
    if (!models.ok()) continue;  // kept by another version: it is fetched again
    plans_[{list.provider, list.plan}].fetched_at = list.fetched_at;
    catalog_.Put({list.provider, list.plan, list.fetched_at, std::move(*models)});
  }
}

void ModelBook::Configure(const config::v1::Models& config) {
  const std::map<std::string, std::string> aliases(config.aliases().begin(), config.aliases().end());
  names_.Configure(aliases, config.built_in_aliases());
  refresh_ = ToMilliseconds(config.refresh());
  ForgetMoved();
  catalog_.RowsChanged();
  Look();
}

// Lists of providers that are elsewhere now are asked for again.
void ModelBook::ForgetMoved() {
  std::map<std::string, std::string> places;
  for (const auto& [id, provider] : providers_.all()) {
    places[id] = provider.row.base_url() + " " + provider.row.models().path() + " " + provider.row.models().shape();
  }
  for (auto& [key, plan] : plans_) {
    const auto before = places_.find(key.first), now = places.find(key.first);
    if (before == places_.end() || now == places.end() || before->second == now->second) continue;
    plan.fetched_at = {};
    plan.not_before = {};
  }
  places_ = std::move(places);
}

// The plans of our accounts, and who may be asked for each.
std::set<ModelBook::Key> ModelBook::FindPlans(std::vector<std::string>& order) {
  std::set<Key> found;
  for (auto& [key, plan] : plans_) plan.accounts.clear();
  for (const StoredAccount* account : accounts_.All()) {
    const Provider* provider = providers_.Find(account->provider);
    if (!account->enabled || provider == nullptr) continue;
    if (std::find(order.begin(), order.end(), provider->id) == order.end()) order.push_back(provider->id);
    const auto key = found.emplace(account->provider, account->plan).first;
    const bool has_list = !provider->row.models().path().empty() && provider->credential != Credential::kCallers;
    if (has_list && MayBeAsked(pool_.Find(account->ref))) plans_[*key].accounts.push_back(account->ref);
  }
  return found;
}

void ModelBook::Tick() {
  std::vector<std::string> order;
  const std::set<Key> needed = FindPlans(order);
  for (auto entry = plans_.begin(); entry != plans_.end();) {
    auto& [key, plan] = *entry;
    if (!needed.contains(key) && !plan.in_flight) {
      catalog_.Forget(key.first, key.second);
      storage_.Submit([key = key](Store& store) { return store.RemoveModelList(key.first, key.second); },
                      [](Result<void>) {});  // what stays is forgotten again at the next start
      entry = plans_.erase(entry);
      continue;
    }
    ++entry;
    // A clock that was set back must not stop the refreshing.
    const auto age = clock_.Now() - plan.fetched_at;
    const bool fresh = age >= std::chrono::milliseconds(0) && age < refresh_;
    if (fresh || plan.in_flight || plan.accounts.empty() || clock_.Steady() < plan.not_before) continue;
    // Another account of the plan after each failure.
    const AccountId& account = plan.accounts[static_cast<std::size_t>(plan.failures) % plan.accounts.size()];
    plan.in_flight = true;
    spawn_("models.fetch", Fetch(key, account));
  }
  for (const Key& key : needed) {
    Plan& plan = plans_[key];
    if (!plan.waited_from && !plan.accounts.empty()) plan.waited_from = clock_.Steady();
  }
  catalog_.Expect(needed, std::move(order));
  Look();
}

bool ModelBook::Pending() const { return waits_ && Waits(); }

// Whether a plan's first list is on its way, and not for too long yet.
bool ModelBook::Waits() const {
  return std::any_of(plans_.begin(), plans_.end(), [&](const auto& entry) {
    const auto& [key, plan] = entry;
    return plan.waited_from && plan.failures == 0 && !plan.accounts.empty() && !catalog_.Told(key) &&
           clock_.Steady() - *plan.waited_from < kFirstListWait;
  });
}

bool ModelBook::PendingFor(const std::string& name) const {
  if (!Pending()) return false;
  const auto choices = names_.Choices(name);
  if (choices->empty()) return true;
  const Model* model = catalog_.Find(choices->front().provider, choices->front().wire_model);
  return model == nullptr || !model->live();
}

// Watchers are told when something is different from what they know.
void ModelBook::Look() {
  waits_ = Waits();
  std::string now = Fingerprint();
  if (now == fingerprint_) return;
  fingerprint_ = std::move(now);
  changes_.Changed(kListKey);
  if (changed_) changed_();
}

// What the lists depend on: the catalog by its version; aliases, accounts and refusals by what they come to.
std::string ModelBook::Fingerprint() const {
  std::string text = std::to_string(catalog_.version()) + (waits_ ? " pending" : "");
  for (const auto& names : {Names(), SecondNames()}) {
    for (const Name& name : names) text += " " + name.id + "=" + name.alias_of + "-" + name.effort;
  }
  return text;
}

std::vector<ModelBook::Name> ModelBook::Names() const {
  std::vector<Name> list;
  for (const Model& model : catalog_.models()) {
    if (catalog_.Find(model.id) != &model) continue;  // of another provider, who is asked first
    if (model.live() || !pool_.AllRefuse(model.provider, model.id)) list.push_back({model.id, &model, {}, {}, {}});
  }
  for (const Alias& alias : names_.aliases()) {
    if (alias.built_in || alias.IsPattern() || catalog_.Find(alias.name) != nullptr) continue;
    const auto choice = names_.Resolve(alias.name);
    if (!choice) continue;
    list.push_back({alias.name, catalog_.Find(choice->provider, choice->wire_model), choice->wire_model, choice->effort,
                    alias.name});
    list.back().provider = choice->provider;
  }
  return list;
}

ListedModel ModelBook::Listed(const Name& name) const {
  ListedModel listed;
  if (name.model != nullptr) listed.model = *name.model;
  const std::string& whose = name.alias_of.empty() ? listed.model.provider : name.provider;
  const Provider* provider = providers_.Find(whose);
  listed.owner = provider == nullptr ? whose : provider->owner();
  listed.embeddings = provider != nullptr && provider->MakesEmbeddings(listed.model.id);
  if (listed.embeddings) listed.model.hidden = true;
  if (name.alias_of.empty()) return listed;
  listed.alias_of = name.alias_of;
  listed.model.id = name.id;
  listed.model.provider = name.provider;
  listed.model.display_name = name.title;
  listed.model.hidden = listed.embeddings;
  if (!name.effort.empty()) listed.model.default_effort = name.effort;
  return listed;
}

std::vector<ListedModel> ModelBook::List() const {
  std::vector<ListedModel> list;
  for (const Name& name : Names()) list.push_back(Listed(name));
  return list;
}

std::vector<ListedModel> ModelBook::ClaudeNames() const {
  std::vector<ListedModel> list;
  for (const Name& name : SecondNames()) {
    list.push_back(Listed(name));
    list.back().model.entry.clear();  // large, and nobody asks for it by such a name
  }
  return list;
}

bool ModelBook::Served(const Model& model) const {
  const std::vector<PoolAccount*>& all = pool_.accounts();
  return std::any_of(all.begin(), all.end(), [&](const PoolAccount* account) {
    const auto& lacking = model.lacking_plans;
    return account->facts.provider == model.provider && MayBeAsked(account) &&
           !account->model_refusals.contains(model.id) &&
           std::find(lacking.begin(), lacking.end(), account->facts.plan) == lacking.end();
  });
}

std::vector<ModelBook::Name> ModelBook::SecondNames() const {
  std::vector<Name> names;
  const auto add = [&](std::string id, std::string title) {
    const bool known = std::any_of(names.begin(), names.end(), [&](const Name& name) { return name.id == id; });
    const auto choice = IsModelName(id) && !known ? names_.Resolve(id) : std::nullopt;
    const Model* model = choice ? catalog_.Find(choice->provider, choice->wire_model) : nullptr;
    if (model == nullptr || !Served(*model)) return;
    if (title.empty()) title = TitleOf(*model) + " (" + id + ")";
    names.push_back({std::move(id), model, choice->wire_model, choice->effort, std::move(title)});
    names.back().provider = choice->provider;
  };
  for (const BuiltInAlias& alias : BuiltInAliases()) {
    if (!alias.shown.empty()) add(std::string(alias.shown), {});
  }
  for (const Name& name : Names()) {
    const bool hidden = name.alias_of.empty() && name.model->hidden;
    const bool shown_as_it_is = name.id.starts_with(kClaudePrefix) || name.id.starts_with(kVendorPrefix);
    if (hidden || shown_as_it_is) continue;
    add(std::string(kClaudePrefix) + name.id, name.alias_of.empty() ? TitleOf(*name.model) : name.title);
  }
  return names;
}

std::string ModelBook::UnknownModel(std::string_view name) const {
  std::vector<std::string> known;
  for (const Name& one : Names()) {
    const Model* model = one.model;
    const bool hidden = one.alias_of.empty() && model->hidden;
    if (!hidden && (model == nullptr || !pool_.AllRefuse(model->provider, model->id))) known.push_back(one.id);
  }
  return UnknownModelMessage(name, NearestNames(name, known));
}

Awaitable<void> ModelBook::Fetch(Key key, AccountId account) {
  auto fetched = co_await fetcher_.Models(key.first, account);
  Plan& plan = plans_[key];
  plan.in_flight = false;
  std::string problem;
  if (!fetched.ok()) {
    problem = fetched.error().message;
  } else if (fetched->status != 200) {
    problem = "status " + std::to_string(fetched->status);
  } else {
    std::string body = fetched->body.Reveal();
    const Provider* provider = providers_.Find(key.first);
    Result<std::vector<Model>> models = Error(ErrorCode::kNotFound, "the provider is not configured any more");
    if (provider != nullptr) models = ReadModels(*provider, body);
    if (models.ok()) {
      plan.failures = 0;
      plan.not_before = {};
      plan.fetched_at = clock_.Now();
      log::Info("models.fetched",
                {{"provider", key.first}, {"plan", key.second}, {"account", account}, {"models", models->size()}});
      std::set<std::string> ids;
      for (const Model& model : *models) ids.insert(model.id);
      catalog_.Put({key.first, key.second, plan.fetched_at, std::move(*models)});
      Keep(key, std::move(body));
      carry_(pool_.ModelsTold(key.first, key.second, ids, {clock_.Now(), clock_.Steady()}));
      Look();
      co_return;
    }
    problem = models.error().message;
  }
  Failed(plan);
  log::Warn("models.not_fetched", {{"provider", key.first},
                                   {"plan", key.second},
                                   {"account", account},
                                   {"failures", plan.failures},
                                   {"error", problem}});
  Look();
}

void ModelBook::Keep(const Key& key, std::string body) {
  StoredModelList list{key.first, key.second, clock_.Now(), std::move(body)};
  storage_.Submit([list = std::move(list)](Store& store) { return store.PutModelList(list); },
                  [plan = key.second](Result<void> written) {
                    // It is in use all the same, and fetched anew after a restart.
                    if (!written.ok())
                      log::Warn("models.not_kept", {{"plan", plan}, {"error", written.error().message}});
                  });
}

void ModelBook::Failed(Plan& plan) {
  ++plan.failures;
  const int doublings = std::min(plan.failures - 1, 10);
  plan.not_before = clock_.Steady() + std::min<std::chrono::seconds>(kFirstPause * (1 << doublings), kLongestPause);
}

}  // namespace patchbay::accounts
