#include "workers/accounts/core/key_calls.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// When a key has too many calls, one of them seldom takes longer.
constexpr milliseconds kBusyRetry{1000};

// A lease that only opens a socket is no call: the turns on it have leases of their own.
bool OpensOnly(const CallWish& wish) { return wish.on_socket && wish.model.empty(); }

std::string_view TierOf(const CallWish& wish, const std::shared_ptr<const CallTerms>& terms) {
  return terms != nullptr && !terms->service_tier.empty() ? std::string_view(terms->service_tier) : wish.service_tier;
}

CallSize SizeOf(const CallWish& wish) { return {wish.input_tokens, wish.max_output_tokens}; }

Amounts UsedBy(const UsageRecord& row) {
  return {row.input_tokens + row.output_tokens, row.cost_nano_dollars.value_or(0)};
}

// The configuration's come back with their rows, and go on from what they had used.
bool IsGoneForGood(const StoredClientKey& key) { return key.revoked_at && !key.configured; }

}  // namespace

Denied DeniedBy(const CallWish& wish, const OverLimit& over) {
  Denied denied;
  denied.frontend = wish.frontend;
  denied.request = wish.request;
  denied.model = wish.model;
  denied.code = over.code;
  denied.message = over.message;
  denied.retry_after = over.retry_after;
  denied.available_at = over.available_at;
  return denied;
}

void KeyCalls::Restore(const std::vector<KeyDay>& days) {
  for (const KeyDay& day : days) limits_.Restore(day.key, day.day, {day.tokens, day.nano_dollars});
}

void KeyCalls::Changed(const StoredClientKey& key) {
  if (IsGoneForGood(key)) return limits_.Forget(key.id);
  limits_.Put(key.id, key.revoked_at ? v1::KeyTerms() : key.terms, Now());
}

std::size_t KeyCalls::waiting(const ClientKeyId& key) const {
  const auto line = lines_.find(key);
  return line == lines_.end() ? 0 : line->second.size();
}

// ---- beginning ----

std::variant<AcquireArgs, Denied> KeyCalls::Admitted(const CallWish& wish) const {
  const StoredClientKey* key = keys_.Find(wish.client_key.str());
  const v1::KeyTerms* terms = key == nullptr ? nullptr : &key->terms;
  auto admitted = accounts::Admit(wish, keys_.IsValid(wish.client_key), terms, models_.names(), models_.catalog());
  if (auto* args = std::get_if<AcquireArgs>(&admitted); args != nullptr && key != nullptr) args->key_name = key->name;
  return admitted;
}

void KeyCalls::Admit(const CallWish& wish) {
  const auto line = lines_.find(wish.client_key);
  if (line == lines_.end() || pool_.IsGranted(wish.frontend, wish.request, wish.epoch)) return Take(wish);
  Wait(wish,
       {DenyCode::kKeyRate, "too many requests of this client key wait for one of its calls to end", true, {}, {}});
}

void KeyCalls::Take(const CallWish& wish) {
  auto admitted = Admitted(wish);
  if (auto* denied = std::get_if<Denied>(&admitted)) {
    PoolEvents refused;
    refused.push_back(std::move(*denied));
    return carry_(std::move(refused));
  }
  auto& args = std::get<AcquireArgs>(admitted);
  // One that is asked again after a reconnect has what was set aside for it.
  const bool limited =
      limits_.Limits(wish.client_key) && !OpensOnly(wish) && !pool_.IsGranted(wish.frontend, wish.request, wish.epoch);
  // One moment for all of it: what had room is set aside and granted, though a budget began anew in between.
  const Moment now = Now();
  if (!limited) return carry_(pool_.Acquire(args, now));
  const auto over = Against(wish, args, now);
  if (!over) return Start(wish, std::move(args), now);
  if (over->waits) return Wait(wish, *over);
  if (over->code == DenyCode::kKeyBudget && TakeFallback(wish, now)) return;
  Deny(wish, *over);
}

std::optional<OverLimit> KeyCalls::Against(const CallWish& wish, AcquireArgs& args, const Moment& now) const {
  if (!limits_.Limits(wish.client_key) || OpensOnly(wish)) return std::nullopt;
  const HeldFor first{args.provider, args.wire_model, TierOf(wish, args.terms)};
  const CallSize size = SizeOf(wish);
  if (auto over = limits_.Against(wish.client_key, size, first, now)) return over;
  if (KeepThoseWithRoom(wish, args, now)) return std::nullopt;
  return limits_.BudgetAgainst(wish.client_key, size, first, now);
}

bool KeyCalls::KeepThoseWithRoom(const CallWish& wish, AcquireArgs& args, const Moment& now) const {
  const auto has_room = [&](const ModelTerms& model) {
    const HeldFor held_for{model.provider, model.wire_model, TierOf(wish, model.terms)};
    return limits_.HasRoom(wish.client_key, SizeOf(wish), held_for, now);
  };
  std::vector<ModelTerms> models = {{args.provider, args.wire_model, args.lacking_plans, args.terms}};
  if (args.others != nullptr) models.insert(models.end(), args.others->begin(), args.others->end());
  const std::size_t all = models.size();
  std::erase_if(models, [&](const ModelTerms& model) { return !has_room(model); });
  if (models.empty()) return false;
  if (models.size() == all) return true;
  ModelTerms& first = models.front();
  args.provider = std::move(first.provider);
  args.wire_model = std::move(first.wire_model);
  args.lacking_plans = std::move(first.lacking_plans);
  args.terms = std::move(first.terms);
  models.erase(models.begin());
  args.others = std::make_shared<const std::vector<ModelTerms>>(std::move(models));
  return true;
}

bool KeyCalls::TakeFallback(const CallWish& wish, const Moment& now) {
  const StoredClientKey* key = keys_.Find(wish.client_key.str());
  if (key == nullptr || key->terms.fallback_model().empty()) return false;
  CallWish other = wish;
  other.fallback_for = wish.model;
  other.model = key->terms.fallback_model();
  auto admitted = Admitted(other);
  if (const auto* denied = std::get_if<Denied>(&admitted)) {
    log::Warn("client_key.no_fallback",
              {{"client_key", wish.client_key}, {"model", other.model}, {"why", denied->message}});
    return false;
  }
  Start(other, std::move(std::get<AcquireArgs>(admitted)), now);
  return true;
}

void KeyCalls::Start(const CallWish& wish, AcquireArgs args, const Moment& now) {
  const HeldFor first{args.provider, args.wire_model, TierOf(wish, args.terms)};
  args.hold = limits_.Begin(wish.client_key, SizeOf(wish), first, wish.service_tier, wish.fallback_for.empty(), now);
  carry_(pool_.Acquire(args, now));
}

void KeyCalls::Deny(const CallWish& wish, const OverLimit& over) {
  PoolEvents refused;
  refused.push_back(DeniedBy(wish, over));
  carry_(std::move(refused));
}

std::shared_ptr<CallHold> KeyCalls::Adopt(const HeldLease& held) {
  if (held.wire_model.empty()) return nullptr;  // it opens a socket
  const CallTerms terms = held.terms == nullptr ? CallTerms() : *held.terms;
  return limits_.Adopt(held.client_key, {terms.input_tokens, terms.max_output_tokens},
                       {held.provider, held.wire_model, terms.service_tier}, terms.fallback_model.empty(), Now());
}

// ---- waiting ----

void KeyCalls::Wait(const CallWish& wish, const OverLimit& over) {
  const auto line = lines_.find(wish.client_key);
  if (line != lines_.end() && line->second.size() >= kWaitingMax) {
    OverLimit full = over;
    full.retry_after = kBusyRetry;
    return Deny(wish, full);
  }
  const milliseconds longest = pool_.settings().queue_wait;
  const bool bounded = wish.max_wait && wish.max_wait->count() > 0;
  lines_[wish.client_key].push_back({wish, clock_.Steady() + (bounded ? std::min(*wish.max_wait, longest) : longest)});
  ++waiting_;
}

void KeyCalls::ServeLine(const ClientKeyId& key) {
  for (auto line = lines_.find(key); line != lines_.end(); line = lines_.find(key)) {
    if (limits_.IsBusy(key)) return;
    CallWish wish = line->second.front().wish;
    // The pool lets it wait for as long as is left.
    const auto left = std::chrono::ceil<milliseconds>(line->second.front().deadline - clock_.Steady());
    wish.max_wait = std::max(left, milliseconds(1));
    line->second.pop_front();
    --waiting_;
    if (line->second.empty()) lines_.erase(line);
    Take(wish);
  }
}

void KeyCalls::ServeFreed() {
  if (std::exchange(serving_, true)) return;  // the loop below comes to them
  for (auto freed = limits_.TakeFreed(); !freed.empty(); freed = limits_.TakeFreed()) {
    for (const ClientKeyId& key : freed) ServeLine(key);
  }
  serving_ = false;
}

void KeyCalls::Tick() {
  ServeFreed();
  std::vector<CallWish> over;
  const SteadyTime now = clock_.Steady();
  ForgetThose([&](const Waiting& waiting) {
    if (now < waiting.deadline) return false;
    over.push_back(waiting.wish);
    return true;
  });
  for (const CallWish& wish : over) {
    Deny(wish,
         {DenyCode::kKeyRate, "no other call of this client key ended in time for this one", false, kBusyRetry, {}});
  }
}

template <class Which>
void KeyCalls::ForgetThose(Which which) {
  for (auto line = lines_.begin(); line != lines_.end();) {
    waiting_ -= std::erase_if(line->second, which);
    line = line->second.empty() ? lines_.erase(line) : std::next(line);
  }
}

void KeyCalls::Forget(const FrontendId& frontend) {
  ForgetThose([&](const Waiting& waiting) { return waiting.wish.frontend == frontend; });
}

void KeyCalls::Forget(const FrontendId& frontend, std::uint64_t epoch) {
  ForgetThose([&](const Waiting& waiting) { return waiting.wish.frontend == frontend && waiting.wish.epoch == epoch; });
}

void KeyCalls::Forget(const FrontendId& frontend, const RequestId& request) {
  ForgetThose(
      [&](const Waiting& waiting) { return waiting.wish.frontend == frontend && waiting.wish.request == request; });
}

// ---- ending ----

void KeyCalls::Ended(UsageRecord& row) {
  if (!limits_.Limits(row.client_key)) return;
  const auto hold = std::static_pointer_cast<KeyLimits::Hold>(pool_.HoldOf(row.lease));  // we make no others
  if (hold == nullptr) return;
  row.outside_budgets = row.outside_budgets || hold->is_fallback();
  hold->Ended(UsedBy(row), Now());
  estimates_.Learn(row.provider, row.wire_model, row.output_tokens);
  settling_.emplace(row.lease, hold);
}

void KeyCalls::Durable(const UsageRecord& row, RowAdded added) {
  settling_.erase(row.lease);
  const StoredClientKey* key = keys_.Find(row.client_key.str());
  if (added == RowAdded::kKnown || row.outside_budgets || key == nullptr || IsGoneForGood(*key)) return;
  carry_(limits_.Spent(row.client_key, row.started_at, UsedBy(row), Now()));
}

}  // namespace patchbay::accounts
