#include "workers/accounts/core/core.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/base/random.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/usage/lost_call.h"
#include "workers/accounts/usage/priced_row.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFastTick{20};  // while requests wait
constexpr milliseconds kSlowTick{500};
constexpr milliseconds kChores{1000};  // refreshes; quota, long leases and affinity to the disk
// A call that takes longer is written down before it ends; shorter ones never touch the disk but with their row.
constexpr milliseconds kLongCall{5000};
// For logins whose codes, and refreshes whose tokens are on their way when this process drains.
constexpr milliseconds kLoginPatience{5000};
constexpr milliseconds kRefreshPatience{10'000};
// Requests that wait until the models are known; more go on without.
constexpr std::size_t kHeldMax = 1000;

}  // namespace

Core::Core(asio::io_context& io, const Clock& clock, std::unique_ptr<Store> store, std::unique_ptr<StoredUsage> reader,
           Fetcher& fetcher, Spawn spawn)
    : io_(io),
      clock_(clock),
      fetcher_(fetcher),
      spawn_(std::move(spawn)),
      storage_(io, std::move(store)),
      reads_(io, std::move(reader)),
      prices_(providers_),
      pool_([&clock] { return LeaseId(OrderedId("lse_", clock.Now())); }),
      accounts_(providers_, pool_, storage_, clock, [this](PoolEvents events) { Carry(std::move(events)); }),
      models_(providers_, accounts_, pool_, storage_, fetcher, clock, spawn_,
              [this](PoolEvents events) { Carry(std::move(events)); }),
      keys_(storage_, clock),
      key_calls_(clock, keys_, models_, prices_, pool_, [this](PoolEvents events) { Carry(std::move(events)); }),
      shared_logins_(io, clock, accounts_, pool_, providers_, spawn_,
                     [this](PoolEvents events) { Carry(std::move(events)); }),
      refresher_(io, clock, accounts_, pool_, storage_, fetcher, shared_logins_, providers_, spawn_,
                 [this](PoolEvents events) { Carry(std::move(events)); }),
      logins_(io, clock, accounts_, storage_, fetcher, providers_, spawn_),
      recorder_(io, storage_,
                [this](const UsageRecord& row, const FrontendId& frontend, RowAdded added) {
                  Durable(row, frontend, added);
                }),
      quotas_(io, clock, pool_, accounts_, storage_, fetcher, providers_,
              [this](PoolEvents events) { Carry(std::move(events)); }),
      keeper_(storage_, clock, spawn_, [this] { return NamesOfKeys(); }),
      checks_(io, clock, pool_, accounts_, fetcher, providers_,
              [this](PoolEvents events) { Carry(std::move(events)); }),
      configured_keys_(accounts_, spawn_,
                       [this] {
                         quotas_.Tell();
                         AdmitHeld();
                       }),
      configured_users_(keys_, clock, spawn_, [this] { AdmitHeld(); }),
      key_desk_(io, keys_, key_calls_, providers_),
      administration_(clock, pool_, accounts_, keys_, key_calls_, models_, refresher_, shared_logins_, reads_, fetcher,
                      providers_, [this](PoolEvents events) { Carry(std::move(events)); }),
      tick_(io) {
  accounts_.OnChange([this] {
    models_.Tick();
    quotas_.StateChanged();
  });
  models_.OnChange([this] { AdmitHeld(); });
  keys_.OnChange([this](const StoredClientKey& key) {
    key_calls_.Changed(key);
    key_calls_.ServeFreed();
  });
}

Result<std::unique_ptr<Core>> Core::Create(asio::io_context& io, const Clock& clock, std::unique_ptr<Store> store,
                                           Fetcher& fetcher, Spawn spawn, const config::v1::Config& config,
                                           const std::string& run) {
  // Read before the store goes to its thread.
  ASSIGN_OR_RETURN(auto accounts, store->LoadAccounts());
  ASSIGN_OR_RETURN(auto keys, store->LoadClientKeys());
  ASSIGN_OR_RETURN(const auto claims, store->LoadClaims());
  ASSIGN_OR_RETURN(std::string node, store->Node());
  ASSIGN_OR_RETURN(const auto logins, store->LoadLogins());
  ASSIGN_OR_RETURN(auto models, store->LoadModelLists());
  ASSIGN_OR_RETURN(const auto open_leases, store->LoadOpenLeases());
  ASSIGN_OR_RETURN(const auto affinity, store->LoadAffinity(config.accounts().affinity_max()));
  // All that are kept: whether it is today nobody knows before the clock is right.
  ASSIGN_OR_RETURN(const auto key_days, store->LoadKeyDays(std::chrono::sys_days{}));
  ASSIGN_OR_RETURN(const bool same_run, store->BeginRun(run));
  ASSIGN_OR_RETURN(auto reader, store->OpenReader());
  auto core =
      std::unique_ptr<Core>(new Core(io, clock, std::move(store), std::move(reader), fetcher, std::move(spawn)));
  core->Configure(config);
  log::Info("accounts.loaded", {{"accounts", accounts.size()},
                                {"client_keys", keys.size()},
                                {"open_refreshes", claims.size()},
                                {"open_logins", logins.size()},
                                {"open_leases", open_leases.size()}});
  core->accounts_.Load(std::move(accounts));
  core->pool_.RestoreAffinity(affinity, core->Now());
  core->key_calls_.Restore(key_days);
  core->keys_.Load(std::move(keys));
  core->models_.Load(std::move(models));
  core->refresher_.Resume(std::move(node), claims);
  core->logins_.Restore(logins);
  for (const HeldLease& held : open_leases) {
    core->kept_leases_.insert(held.lease);
    if (same_run) {
      core->pool_.Resume(held, core->key_calls_.Adopt(held), core->Now());
    } else {
      core->WriteLost(held, "the gateway ended with the call; what was used is not known");
    }
  }
  return core;
}

void Core::Configure(const config::v1::Config& config) {
  providers_.Configure(config);
  prices_.Configure();
  keeper_.Configure(config.accounts().usage());
  accounts_.RowsChanged();
  models_.Configure(config.models());
  refresher_.Configure(ToMilliseconds(config.accounts().refresh_skew()));
  quotas_.Configure(ToMilliseconds(config.accounts().quota().history()));
  traces_.Configure(static_cast<std::size_t>(config.accounts().traces()));
  Carry(pool_.Configure(PoolSettingsOf(config.accounts()), Now()));
}

Awaitable<void> Core::Run() {
  SteadyTime chores{};
  models_.Tick();
  Carry(pool_.Tick(Now()));  // how things stood when it began: what comes after is news
  for (;;) {
    ticking_fast_ = pool_.queued() > 0 || key_calls_.waiting() > 0 || !held_.empty();
    tick_.expires_after(ticking_fast_ ? kFastTick : kSlowTick);
    boost::system::error_code ignored;  // cancelled: something waits now
    co_await tick_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    Carry(pool_.Tick(Now()));
    key_calls_.Tick();
    AdmitHeld();
    if (clock_.Steady() - chores >= kChores) {
      chores = clock_.Steady();
      shared_logins_.Tick([this](const AccountId& account) { return refresher_.IsRefreshing(account); });
      refresher_.Tick();
      logins_.Tick();
      keys_.Tick();
      configured_users_.Tick();
      for (const ClientKeyId& key : key_calls_.TakeStirred()) keys_.StandingChanged(key);
      models_.Tick();
      quotas_.Tick();
      KeepLongLeases();
      KeepAffinity();
      keeper_.Tick();
    }
  }
}

void Core::Redeclare(const FrontendId& frontend, std::uint64_t epoch, const std::vector<DeclaredLease>& declared) {
  // Asked again on the new connection.
  std::erase_if(held_, [&](const CallWish& wish) { return wish.frontend == frontend; });
  key_calls_.Forget(frontend);
  std::vector<OpenLease> open;
  open.reserve(declared.size());
  for (const DeclaredLease& lease : declared) {
    OpenLease& admitted = open.emplace_back(AdmitOpen(lease, models_.names(), models_.catalog()));
    if (pool_.Holds(lease.lease)) continue;
    admitted.hold = key_calls_.Adopt({lease.lease, lease.request, lease.account, frontend, lease.client_key,
                                      admitted.provider, admitted.wire_model, 1, clock_.Now(), admitted.terms});
  }
  pool_.Redeclare(frontend, epoch, open, Now());
}

void Core::Gone(const FrontendId& frontend, std::uint64_t epoch) {
  std::erase_if(held_, [&](const CallWish& wish) { return wish.frontend == frontend && wish.epoch == epoch; });
  key_calls_.Forget(frontend, epoch);
  pool_.Gone(frontend, epoch, Now());
  key_calls_.ServeFreed();
}

void Core::Withdraw(const FrontendId& frontend, const RequestId& request) {
  std::erase_if(held_, [&](const CallWish& wish) { return wish.frontend == frontend && wish.request == request; });
  traces_.Ended(frontend, request, {"withdrawn", "its client left while it waited", {}, {}, {}, {}}, clock_.Now());
  key_calls_.Forget(frontend, request);
  pool_.Withdraw(frontend, request);
  key_calls_.ServeFreed();
}

void Core::Acquire(const CallWish& wish) {
  traces_.Asked({wish.frontend, wish.request, wish.client_key, wish.dialect, wish.model, wish.affinity_key, {}, {}, 0},
                wish.epoch, clock_.Now());
  const bool opens_only = wish.on_socket && wish.model.empty();
  const bool configured = !configured_keys_.pending() && !configured_users_.pending();
  const bool knows = configured && (opens_only || !models_.PendingFor(wish.model));
  if (knows || held_.size() >= kHeldMax) {
    key_calls_.Admit(wish);
    if (key_calls_.waiting() == 0) return;
  } else {
    held_.push_back(wish);
  }
  if (!ticking_fast_) tick_.cancel();
}

void Core::AdmitHeld() {
  if (held_.empty() || configured_keys_.pending() || configured_users_.pending()) return;
  for (CallWish& wish : std::exchange(held_, {})) {
    if (models_.PendingFor(wish.model)) {
      held_.push_back(std::move(wish));
    } else {
      key_calls_.Admit(wish);
    }
  }
}

Awaitable<void> Core::ModelsKnown() {
  asio::steady_timer look(io_);
  while (configured_keys_.pending() || models_.Pending()) {
    look.expires_after(kFastTick);
    co_await look.async_wait(asio::use_awaitable);
  }
}

void Core::Retry(const RetryArgs& args, AttemptNotes notes) {
  traces_.Ended(args.frontend, args.request, {"retried", {}, {}, {}, {}, std::move(notes)}, clock_.Now());
  Carry(pool_.Retry(args, Now()));
}

void Core::Settle(Settlement settlement) {
  const LeaseId lease = settlement.outcome.lease;
  traces_.Ended(settlement.frontend, settlement.row.request, std::move(settlement.end), clock_.Now());
  // A frontend that gave the call up does not tell all of it; the pool knows the rest until the lease ends.
  if (HasBlanks(settlement.row)) {
    if (const auto held = pool_.Held(lease)) FillBlanks(settlement.row, LostCall(*held, {}, clock_.Now()));
  }
  PutCost(prices_, settlement.row);
  if (!settlement.uncounted) key_calls_.Ended(settlement.row);
  Carry(pool_.Settle(settlement.outcome, Now()));
  if (settlement.uncounted) {
    if (replies_.settled) replies_.settled(settlement.frontend, lease);
    return;
  }
  recorder_.Record(std::move(settlement.row), std::move(settlement.frontend));
  if (!recorder_.IsPending(lease)) key_calls_.NotTaken(lease);
}

std::vector<FrontendId> Core::EndDead(const std::vector<LivingWorker>& living) {
  std::vector<FrontendId> dead;
  for (const FrontendId& frontend : pool_.Frontends()) {
    if (HasEnded(frontend, living)) dead.push_back(frontend);
  }
  for (const FrontendId& frontend : dead) {
    log::Info("frontend.ended", {{"frontend", frontend}});
    std::erase_if(held_, [&](const CallWish& wish) { return wish.frontend == frontend; });
    key_calls_.Forget(frontend);
    Carry(pool_.Ended(frontend, Now()));
  }
  return dead;
}

Awaitable<void> Core::Drain() {
  for (const HeldLease& held : pool_.Held(WallTime::max())) {
    WriteLost(held, "accounts ended before the call was settled; what was used is not known");
  }
  KeepAffinity();
  co_await recorder_.Flush();
  co_await refresher_.Finish(kRefreshPatience);
  co_await keeper_.Finish();
  co_await logins_.Finish(kLoginPatience);
}

// The reader lets go of the file before the last writer does, who leaves it whole.
Awaitable<void> Core::Close() {
  co_await reads_.Close();
  co_await storage_.Close();
}

void Core::WriteLost(const HeldLease& held, std::string why) {
  if (held.wire_model.empty()) return;  // it opens a socket: there is no call
  UsageRecord row = LostCall(held, std::move(why), clock_.Now());
  PutCost(prices_, row);
  recorder_.Record(std::move(row), {});
}

// Written in batches, and taken back so when the call's usage row is on disk: until then both may stand there, and the
// row counts.
void Core::KeepLongLeases() {
  std::vector<HeldLease> fresh = pool_.Held(clock_.Now() - kLongCall, kept_leases_);
  std::erase_if(fresh, [](const HeldLease& held) { return held.wire_model.empty(); });
  std::vector<LeaseId> over;
  for (const LeaseId& lease : kept_leases_) {
    if (!pool_.Holds(lease) && !recorder_.IsPending(lease)) over.push_back(lease);
  }
  if (fresh.empty() && over.empty()) return;
  for (const HeldLease& held : fresh) kept_leases_.insert(held.lease);
  for (const LeaseId& lease : over) kept_leases_.erase(lease);
  storage_.Submit(
      [fresh, over](Store& store) -> Result<void> {
        RETURN_IF_ERROR(store.PutOpenLeases(fresh));
        return store.RemoveOpenLeases(over);
      },
      [this, fresh, over](Result<void> written) {
        if (written.ok()) return;
        // Offered again with the next chores.
        for (const HeldLease& held : fresh) kept_leases_.erase(held.lease);
        kept_leases_.insert(over.begin(), over.end());
      });
}

void Core::Durable(const UsageRecord& row, const FrontendId& frontend, RowAdded added) {
  keeper_.Changed();
  key_calls_.Durable(row, added);
  if (added == RowAdded::kNew) {
    ++settled_total_;
    accounts_.CountRequest(row.account, row.started_at);
  }
  if (!frontend.empty() && replies_.settled) replies_.settled(frontend, row.lease);
}

std::map<std::string, std::string> Core::NamesOfKeys() const {
  std::map<std::string, std::string> names;
  for (const StoredClientKey& key : keys_.List(/*include_revoked=*/true)) names[key.id.str()] = key.name;
  return names;
}

Core::Stats Core::stats() const {
  return {.accounts = pool_.accounts().size(),
          .leases_open = pool_.leases_open(),
          .queued = pool_.queued(),
          .keys_waiting = key_calls_.waiting(),
          .affinity_entries = pool_.affinity_size(),
          .refreshes_open = refresher_.flights(),
          .writes_pending = storage_.pending(),
          .granted_total = granted_total_,
          .denied_total = denied_total_,
          .settled_total = settled_total_,
          .usage_checks_total = checks_.total(),
          .quota_warnings_total = quota_warnings_total_,
          .budget_warnings_total = budget_warnings_total_};
}

// So that conversations find their prompt caches again after a restart. A second of them may be lost with the process.
void Core::KeepAffinity() {
  AffinityChanges changes = pool_.TakeAffinityChanges(Now());
  if (changes.bindings.empty()) return;
  storage_.Submit([changes = std::move(changes)](Store& store) { return store.PutAffinity(changes); },
                  [](Result<void> written) {
                    // A conversation that is used again later is offered again.
                    if (!written.ok()) log::Warn("affinity.not_kept", {{"error", written.error().message}});
                  });
}

}  // namespace patchbay::accounts
