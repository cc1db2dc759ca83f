#include "workers/accounts/books/model_book.h"

#include <algorithm>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/providers/codex/models_reply.h"

namespace patchbay::accounts {
namespace {

// Whom it makes sense to ask: a used-up quota is no hindrance for a list, a dead login is.
bool MayBeAsked(const PoolAccount* account) {
  if (account == nullptr || !account->facts.enabled) return false;
  const AccountState state = account->state();
  return state == AccountState::kActive || state == AccountState::kThrottled || state == AccountState::kExhausted;
}

}  // namespace

void ModelBook::Load(std::vector<StoredModelList> lists) {
  for (StoredModelList& list : lists) {
    auto models = ReadModelsReply(list.provider, list.body);
    if (!models.ok()) continue;  // kept by another version: it is fetched again
    plans_[{list.provider, list.plan}].fetched_at = list.fetched_at;
    catalog_.Put({list.provider, list.plan, list.fetched_at, std::move(*models)});
  }
}

void ModelBook::Configure(const config::v1::Models& config) {
  const std::map<std::string, std::string> aliases(config.aliases().begin(), config.aliases().end());
  names_.Configure(aliases, config.built_in_aliases());
  refresh_ = ToMilliseconds(config.refresh());
}

// The plans of our accounts, and who may be asked for each.
std::set<ModelBook::Key> ModelBook::FindPlans() {
  std::set<Key> found;
  for (auto& [key, plan] : plans_) plan.accounts.clear();
  for (const StoredAccount* account : accounts_.All()) {
    if (!account->enabled) continue;
    const auto key = found.emplace(account->provider, account->plan).first;
    if (MayBeAsked(pool_.Find(account->ref))) plans_[*key].accounts.push_back(account->ref);
  }
  return found;
}

void ModelBook::Tick() {
  const std::set<Key> needed = FindPlans();
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
  catalog_.Expect(needed);
}

std::vector<ListedModel> ModelBook::List() const {
  std::vector<ListedModel> list;
  for (const Model& model : catalog_.models()) list.push_back({model, {}});
  for (const Alias& alias : names_.aliases()) {
    if (alias.built_in || alias.IsPattern() || catalog_.Find(alias.name) != nullptr) continue;
    const auto choice = names_.Resolve(alias.name);
    if (!choice) continue;
    ListedModel& listed = list.emplace_back();
    if (const Model* model = catalog_.Find(choice->wire_model)) {
      listed.model = *model;
    } else {
      listed.model.provider = choice->provider;
    }
    listed.model.id = alias.name;
    listed.model.display_name = alias.name;
    listed.model.hidden = false;
    if (!choice->effort.empty()) listed.model.default_effort = choice->effort;
    listed.alias_of = choice->wire_model;
  }
  return list;
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
    auto models = ReadModelsReply(key.first, body);
    if (models.ok()) {
      plan.failures = 0;
      plan.not_before = {};
      plan.fetched_at = clock_.Now();
      log::Info("models.fetched", {{"plan", key.second}, {"account", account}, {"models", models->size()}});
      catalog_.Put({key.first, key.second, plan.fetched_at, std::move(*models)});
      Keep(key, std::move(body));
      co_return;
    }
    problem = models.error().message;
  }
  Failed(plan);
  log::Warn("models.not_fetched",
            {{"plan", key.second}, {"account", account}, {"failures", plan.failures}, {"error", problem}});
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
