// What accounts have left: learnt from every answer, and where none comes by asking their usage endpoints, on a
// schedule with a cap. What is believed of a limit ends with its time, or with a reading that was asked for later and
// shows room.
#include <algorithm>
#include <cmath>

#include "lib/base/text.h"
#include "lib/time/time_text.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// The first look at an exhausted account; later ones double up to recheck_max.
constexpr milliseconds kFirstCheck{15'000};
// The next look at one whose usage endpoint did not answer, doubling.
constexpr milliseconds kStaleRetry{300'000};
constexpr milliseconds kStaleRetryMax{6 * 3'600'000};
// Looks under way at once.
constexpr int kChecksOpenMax = 4;
// How long a refusal stands against a reading that was believed in vain before, doubling.
constexpr milliseconds kContradicted{30 * 60'000};
constexpr milliseconds kContradictedMax{6 * 3'600'000};
// Percents by which a window must have fallen to be another one.
constexpr double kFell = 1;
constexpr std::size_t kLimitsOfModelsMax = 1000;

// "GPT-5.3 Spark" is the limit of the model gpt-5.3-spark.
std::string ModelNamed(std::string_view limit_name) {
  std::string model = LowerCase(limit_name);
  std::replace(model.begin(), model.end(), ' ', '-');
  return model;
}

// Between 0 and 1, the same for an account at every start: looks at accounts that were added together spread.
double Spread(const AccountId& account) {
  return static_cast<double>(std::hash<std::string>{}(account.str()) % 1000) / 1000.0;
}

// "5h window", "5h window of GPT-5.3 Spark".
std::string WindowText(const Window& window, const Quota& quota) {
  std::string text = window.length.count() == 0 ? "quota" : HumanDuration(window.length) + " window";
  if (window.family.empty()) return text;
  const auto name = quota.state().limit_names.find(window.family);
  return text + " of " + (name == quota.state().limit_names.end() ? window.family : name->second);
}

bool TellsOfTheAccount(const QuotaFacts& quota) {
  return std::any_of(quota.windows.begin(), quota.windows.end(), [](const WindowFacts& w) { return IsGeneral(w); });
}

}  // namespace

void AccountPool::MergeQuota(PoolAccount& account, const QuotaFacts& quota, WallTime asked_at, const Moment& now) {
  if (account.facts.is_callers) return;
  if (account.quota.Merge(quota, now.wall)) events_.push_back(QuotaChanged{account.facts.id});
  if (TellsOfTheAccount(quota)) HeardOf(account, milliseconds(0), now);
  Warn(account, now);
  MarkSpentLimits(account, quota, asked_at, now);
}

void AccountPool::SkipExhausted(PoolAccount& account, const QuotaFacts& quota, const Moment& now) {
  if (account.facts.is_callers || !settings_.skip_exhausted || account.mark.state != AccountState::kActive ||
      account.quota.has_credits()) {
    return;
  }
  if (!TellsOfTheAccount(quota)) return;
  if (const auto until = account.quota.FullUntil(now.wall)) {
    SetMark(account, {AccountState::kExhausted, "its own numbers show a window at its limit", now.wall, until, {}},
            now);
  }
}

void AccountPool::LearnLimits(const PoolAccount& account, const QuotaFacts& quota, const std::string& wire_model) {
  const auto learn = [&](const std::string& model, const std::string& limit) {
    if (limits_of_models_.size() < kLimitsOfModelsMax) limits_of_models_[{account.facts.provider, model}] = limit;
  };
  for (const auto& [id, name] : quota.limit_names) learn(ModelNamed(name), id);
  if (!quota.active_limit.empty() && !wire_model.empty()) learn(wire_model, quota.active_limit);
}

void AccountPool::MarkSpentLimits(PoolAccount& account, const QuotaFacts& quota, WallTime asked_at, const Moment& now) {
  for (const WindowFacts& window : quota.windows) {
    if (IsGeneral(window) || window.length.count() == 0) continue;
    const auto full_until = account.quota.FullUntil(now.wall, window.name);
    if (!full_until) {
      std::erase_if(account.spent, [&](const auto& item) {
        return item.second.limit == window.name && item.second.since <= asked_at;
      });
    } else if (settings_.skip_exhausted) {
      for (const auto& [model, limit] : limits_of_models_) {
        if (model.first != account.facts.provider || limit != window.name || account.spent.contains(model.second))
          continue;
        Spend(account, model.second, {limit, "its own numbers show it at its limit", now.wall, *full_until});
      }
    }
  }
}

void AccountPool::Spend(PoolAccount& account, const std::string& wire_model, SpentLimit spent) {
  prospects_changed_ = true;
  SpentLimit& known = account.spent[wire_model];
  // An answer's numbers and its refusal say the same thing: that is one event.
  if (known.limit != spent.limit || known.until != spent.until) {
    events_.push_back(LimitSpent{account.facts.id, wire_model, spent});
  }
  known = std::move(spent);
}

void AccountPool::Warn(PoolAccount& account, const Moment& now) {
  for (Window& window : account.quota.windows()) {
    if (window.is_rate()) continue;
    const double used = UsedOf(window, now.wall);
    int threshold = 0;
    for (const int at : {settings_.warn_percent, settings_.warn_again_percent}) {
      if (at > 0 && used >= at) threshold = std::max(threshold, at);
    }
    if (threshold == 0) window.warned_at = 0;
    if (threshold <= window.warned_at) continue;
    window.warned_at = threshold;
    if (used >= 100) continue;  // that it is used up is told as such
    Happened what;
    what.kind = events::v1::EVENT_KIND_QUOTA_LOW;
    what.account = account.facts.id;
    what.provider = account.facts.provider;
    what.part = WindowText(window, account.quota);
    what.evidence = "past " + std::to_string(threshold) + " %: " + std::to_string(std::lround(used)) + " % are used";
    what.until = window.resets_at;
    what.threshold = threshold;
    events_.push_back(std::move(what));
  }
}

void AccountPool::WantUsage(PoolAccount& account, const Moment& now) {
  if (account.checking) return;
  account.checking = true;
  ++checks_open_;
  account.asked_at = now.wall;
  account.asked_with = account.facts.credential_version;
  events_.push_back(UsageWanted{account.facts.id});
}

PoolEvents AccountPool::Recheck(const AccountId& id, const Moment& now) {
  if (PoolAccount* account = Get(id)) WantUsage(*account, now);
  return Said();
}

milliseconds AccountPool::CheckDelay(int checks) const {
  return std::min(settings_.recheck_max, kFirstCheck * (1 << std::min(checks, 10)));
}

void AccountPool::HeardOf(PoolAccount& account, milliseconds ago, const Moment& now) {
  const auto spread =
      static_cast<std::int64_t>(0.2 * Spread(account.facts.id) * static_cast<double>(settings_.stale_after.count()));
  account.stale_at = now.steady - ago + settings_.stale_after + milliseconds(spread);
}

bool AccountPool::IsStale(const PoolAccount& account, const Moment& now) const {
  if (settings_.stale_after.count() == 0 || !account.tells_usage || account.facts.is_callers) return false;
  if (!account.facts.enabled || Severity(account.mark.state) > Severity(AccountState::kExhausted)) return false;
  if (!account.facts.has_access_token || account.token_refused || account.token_expired(now.wall)) return false;
  return account.stale_at && now.steady >= *account.stale_at;
}

// Exhausted ones first, then those that wait longest.
void AccountPool::WantUsageOfDue(const Moment& now) {
  const double per_ms = settings_.checks_per_minute / 60'000.0;
  const auto passed =
      checks_counted_at_ ? duration_cast<milliseconds>(now.steady - *checks_counted_at_) : milliseconds(60'000);
  checks_counted_at_ = now.steady;
  checks_left_ =
      std::min<double>(settings_.checks_per_minute, checks_left_ + per_ms * static_cast<double>(passed.count()));
  if (checks_left_ < 1 || checks_open_ >= kChecksOpenMax) return;
  std::vector<std::pair<std::pair<bool, SteadyTime>, PoolAccount*>> due;
  for (PoolAccount* account : by_order_) {
    if (account->checking) continue;
    const bool exhausted = account->mark.state == AccountState::kExhausted;
    if (exhausted && account->check_at && now.steady >= *account->check_at) {
      due.push_back({{false, *account->check_at}, account});
    } else if (IsStale(*account, now)) {
      due.push_back({{true, *account->stale_at}, account});
    }
  }
  const std::size_t room = std::min<std::size_t>(static_cast<std::size_t>(checks_left_),
                                                 static_cast<std::size_t>(kChecksOpenMax - checks_open_));
  const std::size_t taken = std::min(room, due.size());
  std::partial_sort(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(taken), due.end(),
                    [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < taken; ++i) {
    checks_left_ -= 1;
    WantUsage(*due[i].second, now);
  }
}

// Whether a reading that shows room may end what a refusal showed.
bool AccountPool::Believes(const PoolAccount& account, const Moment& now) const {
  const Contradiction& known = account.contradiction;
  if (known.in_vain == 0) return true;
  const milliseconds patience = std::min(kContradictedMax, kContradicted * (1 << std::min(known.in_vain - 1, 10)));
  if (now.steady - known.last_at >= patience) return true;
  return std::any_of(known.on.begin(), known.on.end(), [&](const Window& then) {
    if (then.resets_at && *then.resets_at <= now.wall) return true;
    const auto& windows = account.quota.windows();
    return std::any_of(windows.begin(), windows.end(), [&](const Window& w) {
      return w.family.empty() && w.length == then.length && w.used_percent <= then.used_percent - kFell;
    });
  });
}

void AccountPool::TakeReading(PoolAccount& account, const QuotaFacts& reading, const Moment& now) {
  // What was seen since we asked is newer than this answer.
  const bool newer = account.mark.since <= account.asked_at;
  MergeQuota(account, reading, account.asked_at, now);
  SkipExhausted(account, reading, now);
  HeardOf(account, milliseconds(0), now);  // also one that tells of no window
  const AccountState state = account.mark.state;
  const auto full_until = account.quota.FullUntil(now.wall);
  const bool has_room = !reading.limit_reached && (!full_until || account.quota.has_credits());
  if (reading.limit_reached && Severity(state) <= Severity(AccountState::kExhausted)) {
    SetMark(account,
            {AccountState::kExhausted, "the usage endpoint says the limit is reached", now.wall, full_until, {}}, now);
  } else if (has_room && state == AccountState::kExhausted && newer && Believes(account, now)) {
    account.contradiction.lifted = true;
    account.contradiction.on.clear();
    for (const Window& window : account.quota.windows()) {
      if (window.family.empty()) account.contradiction.on.push_back(window);
    }
    SetMark(account, {AccountState::kActive, "the usage endpoint says there is quota", now.wall, std::nullopt, {}},
            now);
  } else if (account.suspected && account.suspicions.count <= 1 && newer) {
    // Once. Where it is refused again although that answers, it rests longer each time.
    SetMark(account,
            {AccountState::kActive,
             "the usage endpoint answers for it: " + account.mark.evidence,
             now.wall,
             std::nullopt,
             {}},
            now);
  }
}

PoolEvents AccountPool::UsageChecked(const AccountId& id, const UsageAnswer& answer, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  const bool asked = std::exchange(account->checking, false);
  if (asked) --checks_open_;
  // The token that was refused has been renewed since.
  const bool refused = answer.http_status == 401 && !(asked && account->asked_with < account->facts.credential_version);
  account->tells_usage = !answer.nowhere;
  if (answer.nowhere) checks_left_ += 1;  // nobody was asked
  const milliseconds retry = std::min(kStaleRetryMax, kStaleRetry * (1 << std::min(account->checks, 10)));
  account->stale_at = now.steady + retry;
  ++account->checks;
  if (answer.http_status == 200) {
    LearnLimits(*account, answer.quota, {});
    if (account->mark.state != AccountState::kExhausted) account->checks = 0;
    TakeReading(*account, answer.quota, now);
  } else if (answer.cause == Cause::kDeactivated) {
    SetMark(*account,
            {AccountState::kBanned,
             "the usage endpoint answered " + std::to_string(answer.http_status) + " " + answer.code,
             now.wall,
             std::nullopt,
             {}},
            now);
  } else if (account->token_suspected && (refused || answer.nowhere)) {
    const std::string too = answer.nowhere ? "" : "; the usage endpoint answered 401 too";
    SetMark(*account, {AccountState::kExpired, account->mark.evidence + too, now.wall, std::nullopt, {}}, now);
  } else if (refused && Severity(account->mark.state) < Severity(AccountState::kExpired)) {
    if (account->facts.has_refresh_token) {
      if (!account->token_refused) {
        account->token_refused = true;
        events_.push_back(RefreshWanted{id, "the usage endpoint answered 401"});
      }
    } else {
      SetMark(*account,
              {AccountState::kExpired,
               "the usage endpoint answered 401, and it has no refresh token",
               now.wall,
               std::nullopt,
               {}},
              now);
    }
  }
  // Nobody tells: the next call will, unless we know a time to wait for.
  if (answer.nowhere && account->mark.state == AccountState::kExhausted && !account->mark.until) {
    SetMark(*account,
            {AccountState::kActive, "its provider tells of no quota: to be tried again", now.wall, std::nullopt, {}},
            now);
  }
  if (account->mark.state == AccountState::kExhausted) account->check_at = now.steady + CheckDelay(account->checks);
  CheckWaiting(now);
  Pump(now);
  return Said();
}

PoolEvents AccountPool::WindowsReset(const AccountId& id, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  account->quota.Reset(now.wall);
  account->contradiction = {};
  events_.push_back(QuotaChanged{id});
  if (account->mark.state == AccountState::kExhausted) {
    SetMark(*account, {AccountState::kActive, "a reset credit was redeemed", now.wall, std::nullopt, {}}, now);
  }
  WantUsage(*account, now);
  CheckWaiting(now);
  Pump(now);
  return Said();
}

}  // namespace patchbay::accounts
