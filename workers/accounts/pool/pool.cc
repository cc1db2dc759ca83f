#include "workers/accounts/pool/pool.h"

#include <algorithm>

namespace patchbay::accounts {
namespace {

// A calendar that goes back by less is corrected, not turned: ranks may be that old.
constexpr std::chrono::seconds kClockNoise{1};

void Insert(std::vector<PoolAccount*>& accounts, PoolAccount* account) {
  const auto place =
      std::upper_bound(accounts.begin(), accounts.end(), account->facts.order,
                       [](std::int64_t order, const PoolAccount* other) { return order < other->facts.order; });
  accounts.insert(place, account);
}

bool Ails(const PoolAccount& account) {
  const AccountState state = account.mark.state;
  return state == AccountState::kThrottled || state == AccountState::kExhausted || !account.model_refusals.empty() ||
         !account.spent.empty();
}

}  // namespace

PoolEvents AccountPool::Configure(const PoolSettings& settings, const Moment& now) {
  settings_ = settings;
  affinity_.Configure(settings.affinity_max, settings.affinity_ttl);
  ready_.Configure(settings.strategy, settings.slots_per_account, settings.reserves);
  prospects_.Forget();
  for (PoolAccount* account : by_order_) Touch(*account);
  Pump(now);  // there may be more slots now
  return Said();
}

PoolEvents AccountPool::Put(const AccountFacts& facts, const Moment& now) {
  auto& account = accounts_[facts.id];
  if (!account) {
    account = std::make_unique<PoolAccount>();
    account->facts.order = facts.order;
    Insert(by_order_, account.get());
    account->mark.since = now.wall;
    account->stale_at = now.steady;
    // Leases that were declared before we knew the account.
    for (const auto& [id, lease] : leases_) account->open += lease.account == facts.id ? 1 : 0;
  }
  const std::int64_t order = account->facts.order;
  if (account->facts.provider != facts.provider || account->facts.id.empty()) {
    std::erase(by_provider_[account->facts.provider], account.get());
    Insert(by_provider_[facts.provider], account.get());
  }
  prospects_.Forget();
  if (account->facts.plan != facts.plan) account->model_refusals.clear();  // another plan has other models
  account->facts = facts;
  account->facts.order = order;
  account->tells_usage = true;  // its row may be another one now
  Touch(*account);
  standings_.Count(*account);
  CheckWaiting(now);
  Pump(now);
  return Said();
}

void AccountPool::Restore(const AccountId& id, const Mark& mark, QuotaState quota, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return;
  account->quota.Restore(std::move(quota));
  if (const auto seen_at = account->quota.seen_at()) HeardOf(*account, now.wall - *seen_at, now);
  QuotaFacts names;
  names.limit_names = account->quota.state().limit_names;
  LearnLimits(*account, names, {});
  account->mark = mark;
  if (mark.until) {
    auto rest = *mark.until - now.wall;
    if (mark.state == AccountState::kThrottled) rest = std::min<std::chrono::milliseconds>(rest, kThrottleMax);
    account->release_at = now.steady + rest;
  }
  // What was known before a restart is looked at again soon.
  if (mark.state == AccountState::kExhausted) account->check_at = now.steady + CheckDelay(0);
  standings_.Count(*account);
}

PoolEvents AccountPool::Remove(const AccountId& id, const Moment& now) {
  const auto found = accounts_.find(id);
  if (found == accounts_.end()) return {};
  if (found->second->checking) --checks_open_;
  affinity_.Forget(id);
  ready_.Remove(*found->second);
  standings_.Remove(id);
  std::erase(touched_, found->second.get());
  std::erase(by_order_, found->second.get());
  std::erase(by_provider_[found->second->facts.provider], found->second.get());
  ailing_.erase({found->second->facts.order, found->second.get()});
  prospects_.Forget();
  accounts_.erase(found);
  CheckWaiting(now);
  return Said();
}

PoolEvents AccountPool::ClearMarks(const AccountId& id, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  account->model_refusals.clear();
  account->token_refused = false;
  account->throttles = {};
  account->patience = {};
  account->suspicions = {};
  account->overload = {};
  account->contradiction = {};
  account->spent.clear();
  SetMark(*account, {AccountState::kActive, "cleared by the operator", now.wall, std::nullopt, {}}, now);
  Pump(now);
  return Said();
}

PoolEvents AccountPool::ModelsTold(const std::string& provider, const std::string& plan,
                                   const std::set<std::string>& models, const Moment& now) {
  for (PoolAccount* account : AccountsOf(provider)) {
    if (account->facts.plan != plan) continue;
    Touch(*account);
    std::erase_if(account->model_refusals, [&](const auto& refusal) { return models.contains(refusal.first); });
  }
  Pump(now);
  return Said();
}

AffinityChanges AccountPool::TakeAffinityChanges(const Moment& now) {
  const auto wall_of = [&](SteadyTime at) {
    return now.wall - std::chrono::duration_cast<std::chrono::milliseconds>(now.steady - at);
  };
  AffinityChanges changes;
  for (Binding& binding : affinity_.TakeUnsaved()) {
    changes.bindings.push_back({std::move(binding.key), std::move(binding.account), wall_of(binding.used_at)});
  }
  changes.forgotten_before = wall_of(affinity_.ForgottenBefore(now.steady));
  return changes;
}

void AccountPool::RestoreAffinity(const std::vector<KeptBinding>& bindings, const Moment& now) {
  std::vector<Binding> restored;
  for (const KeptBinding& kept : bindings) {
    if (Find(kept.account) == nullptr) continue;
    restored.push_back({kept.key, kept.account, now.steady - (now.wall - kept.used_at)});
  }
  affinity_.Restore(restored, now.steady);
}

bool AccountPool::AllRefuse(const std::string& provider, const std::string& wire_model) const {
  bool any = false;
  for (const PoolAccount* account : AccountsOf(provider)) {
    if (!account->facts.enabled) continue;
    if (!account->model_refusals.contains(wire_model)) return false;
    any = true;
  }
  return any;
}

const std::vector<PoolAccount*>& AccountPool::AccountsOf(const std::string& provider) const {
  static const std::vector<PoolAccount*> kNone;
  const auto found = by_provider_.find(provider);
  return found == by_provider_.end() ? kNone : found->second;
}

const PoolAccount* AccountPool::Find(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : found->second.get();
}

const PoolAccount* AccountPool::FindByOrder(std::int64_t order) const {
  const auto at = std::lower_bound(by_order_.begin(), by_order_.end(), order,
                                   [](const PoolAccount* account, std::int64_t o) { return account->facts.order < o; });
  return at == by_order_.end() || (*at)->facts.order != order ? nullptr : *at;
}

PoolAccount* AccountPool::Get(const AccountId& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return nullptr;
  Touch(*found->second);
  return found->second.get();
}

void AccountPool::Touch(PoolAccount& account) {
  if (std::exchange(account.touched, true)) return;
  touched_.push_back(&account);
}

const ReadyAccounts& AccountPool::Ready(const Moment& now) {
  if (now.wall < ranked_at_ - kClockNoise) {
    for (PoolAccount* account : by_order_) Touch(*account);
  }
  ranked_at_ = now.wall;
  bool changed = false;
  for (PoolAccount* account : touched_) {
    account->touched = false;
    changed =
        ready_.Update(*account, now.wall) || changed || !account->model_refusals.empty() || !account->spent.empty();
    const std::pair place(account->facts.order, account);
    if (Ails(*account)) {
      ailing_.insert(place);
    } else {
      ailing_.erase(place);
    }
  }
  touched_.clear();
  if (ready_.Advance(now.wall) || changed) prospects_.Forget();
  return ready_;
}

std::string AccountPool::RequestKey(const FrontendId& frontend, const RequestId& request) {
  return frontend.str() + '\n' + request.str();
}

AccountPool::Request* AccountPool::Latest(const FrontendId& frontend, const RequestId& request) {
  const auto found = latest_.find(RequestKey(frontend, request));
  if (found == latest_.end()) return nullptr;
  const auto at = requests_.find(found->second);
  return at == requests_.end() ? nullptr : &at->second;
}

PoolEvents AccountPool::Tick(const Moment& now) {
  Ready(now);
  for (const auto& [order, account] : ailing_) {
    const AccountState state = account->mark.state;
    if (state == AccountState::kThrottled || state == AccountState::kExhausted) {
      // Either clock may say that the time is over: the calendar after a suspend, ours after a jump of the calendar.
      const bool over = (account->mark.until && now.wall >= *account->mark.until) ||
                        (account->release_at && now.steady >= *account->release_at);
      if (over) {
        account->contradiction.lifted = false;
        SetMark(*account,
                {AccountState::kActive, "its time is over: " + account->mark.evidence, now.wall, std::nullopt, {}},
                now);
      }
    }
    if (!account->spent.empty()) {
      Touch(*account);
      std::erase_if(account->spent, [&](const auto& spent) { return spent.second.until <= now.wall; });
    }
    if (!account->model_refusals.empty()) {
      Touch(*account);
      std::erase_if(account->model_refusals, [&](const auto& refusal) { return refusal.second <= now.steady; });
    }
  }
  std::vector<LeaseId> lapsed;
  for (const auto& [id, lease] : leases_) {
    if (lease.lapses_at && now.steady >= *lease.lapses_at) lapsed.push_back(id);
  }
  Lapse(lapsed);
  WantUsageOfDue(now);
  CheckWaiting(now);
  Pump(now);
  TellStandings();
  return Said();
}

// With the time and not at once: what undoes itself within a moment is not worth telling.
void AccountPool::TellStandings() {
  for (const auto& [provider, standing] : standings_.TakeChanges()) {
    Happened what;
    what.provider = provider;
    switch (standing) {
      case Standings::Standing::kServes: what.kind = events::v1::EVENT_KIND_RECOVERED; break;
      case Standings::Standing::kStuck: what.kind = events::v1::EVENT_KIND_NONE_USABLE; break;
      case Standings::Standing::kExhausted: {
        what.kind = events::v1::EVENT_KIND_ALL_EXHAUSTED;
        for (const PoolAccount* account : by_order_) {
          if (account->facts.provider != provider || account->state() != AccountState::kExhausted) continue;
          const auto until = account->mark.until;
          if (until && (!what.until || *until < *what.until)) what.until = until;
        }
        break;
      }
    }
    events_.push_back(std::move(what));
  }
}

std::string_view ToString(DenyCode code) {
  switch (code) {
    case DenyCode::kUnknownModel: return "unknown_model";
    case DenyCode::kNoAccount: return "no_account";
    case DenyCode::kExhausted: return "exhausted";
    case DenyCode::kThrottled: return "throttled";
    case DenyCode::kQueueFull: return "queue_full";
    case DenyCode::kQueueTimeout: return "queue_timeout";
    case DenyCode::kRequestFault: return "request_fault";
    case DenyCode::kAttempts: return "attempts";
    case DenyCode::kPath: return "path";
    case DenyCode::kKey: return "key";
    case DenyCode::kCapability: return "capability";
    case DenyCode::kKeyTerms: return "key_terms";
    case DenyCode::kKeyRate: return "key_rate";
    case DenyCode::kKeyBudget: return "key_budget";
  }
  return "?";
}

}  // namespace patchbay::accounts
