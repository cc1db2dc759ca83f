// The worker's parts, joined. Frontends' wishes are its verbs: each is decided and carried to its end, to whom it
// concerns, before it returns. Time is told to the pool, and what the pool wants done outside is done.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/admission/admission.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/books/client_key_book.h"
#include "workers/accounts/books/configured_keys.h"
#include "workers/accounts/books/configured_users.h"
#include "workers/accounts/books/model_book.h"
#include "workers/accounts/core/administration.h"
#include "workers/accounts/core/frontends.h"
#include "workers/accounts/core/key_calls.h"
#include "workers/accounts/core/key_desk.h"
#include "workers/accounts/core/quotas.h"
#include "workers/accounts/core/usage_checks.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/pricing/price_book.h"
#include "workers/accounts/tokens/login_runner.h"
#include "workers/accounts/tokens/refresher.h"
#include "workers/accounts/trace/traces.h"
#include "workers/accounts/usage/keeper.h"
#include "workers/accounts/usage/recorder.h"

namespace patchbay::accounts {

// How a call ended, for the pool and for the books.
struct Settlement {
  FrontendId frontend;
  SettleArgs outcome;
  UsageRecord row;
  bool uncounted = false;  // there was no call: no row
  TracedEnd end;           // the same for the trace
};

class Core {
 public:
  using Spawn = Refresher::Spawn;

  // Where answers to frontends go. Called within the verbs below and from Run.
  struct Replies {
    std::function<void(const Granted&)> granted;
    std::function<void(const Denied&)> denied;
    // The settlement's row is durable, or there was none to write.
    std::function<void(const FrontendId&, const LeaseId&)> settled;
  };

  // Opens for business with what the store holds. `run`: which life of the supervisor this is. Frontends of another one
  // have ended, whatever their generation: their calls are lost.
  static Result<std::unique_ptr<Core>> Create(asio::io_context& io, const Clock& clock, std::unique_ptr<Store> store,
                                              Fetcher& fetcher, Spawn spawn, const config::v1::Config& config,
                                              const std::string& run);

  void Configure(const config::v1::Config& config);
  // The keys that the configuration names: from now on these and no others. What frontends ask waits for the first.
  void Want(std::vector<ConfiguredKey> keys) { configured_keys_.Want(std::move(keys)); }
  // The same for client keys that it names.
  void Want(std::vector<ConfiguredUser> users) { configured_users_.Want(std::move(users)); }
  void OnReply(Replies replies) { replies_ = std::move(replies); }
  // Where goes what people want to be told of. From now on: what the store held they know.
  void OnEvent(std::function<void(const Happened&)> tell) { tell_ = std::move(tell); }
  // Called when settlements that were dropped, since the disk took none, may be said again.
  void OnRoomForUsage(std::function<void()> room) { recorder_.OnRoom(std::move(room)); }
  // Ticks until the process ends.
  Awaitable<void> Run();

  // What frontends ask. An Acquire whose model's meaning is about to be learnt waits for that.
  void Redeclare(const FrontendId& frontend, std::uint64_t epoch, const std::vector<DeclaredLease>& declared);
  void Gone(const FrontendId& frontend, std::uint64_t epoch);
  void Acquire(const CallWish& wish);
  void Retry(const RetryArgs& args, AttemptNotes notes);
  void Settle(Settlement settlement);
  void Withdraw(const FrontendId& frontend, const RequestId& request);

  // The leases of frontends that have ended lapse now. Who they are.
  std::vector<FrontendId> EndDead(const std::vector<LivingWorker>& living);

  // Every settlement that came in is durable and told of when this returns.
  Awaitable<void> Flush() { return recorder_.Flush(); }
  // The same, and a row for each call that is still under way: should its frontend end before it can settle with our
  // successor, nothing of it is lost. Its settlement corrects the row. Refreshes and logins that ask their providers
  // are waited for, a few seconds at most.
  Awaitable<void> Drain();
  // The store is closed. Nothing may follow.
  Awaitable<void> Close();

  // What the operator and the watching workers see.
  Administration& administration() { return administration_; }
  KeyDesk& key_desk() { return key_desk_; }
  LoginRunner& logins() { return logins_; }
  UsageChecks& checks() { return checks_; }
  const Traces& traces() const { return traces_; }
  const AccountPool& pool() const { return pool_; }
  const Providers& providers() const { return providers_; }
  UpdateHub& credential_changes() { return accounts_.credentials(); }
  UpdateHub& key_changes() { return keys_.changes(); }
  const AccountBook& accounts() const { return accounts_; }
  const ClientKeyBook& keys() const { return keys_; }
  const KeyCalls& key_calls() const { return key_calls_; }
  const ModelBook& models() const { return models_; }
  Quotas& quotas() { return quotas_; }
  const PriceBook& prices() const { return prices_; }
  // Rows that wait for the disk, and why it takes none; empty while it does.
  std::size_t usage_waiting() const { return recorder_.pending(); }
  const std::string& usage_problem() const { return recorder_.problem(); }
  UpdateHub& model_changes() { return models_.changes(); }
  // Returns when no key is, and no plan's first list, on its way any more; ModelBook bounds the wait.
  Awaitable<void> ModelsKnown();

  // For the supervisor's statistics.
  struct Stats {
    std::size_t accounts = 0, leases_open = 0, queued = 0, keys_waiting = 0, affinity_entries = 0, refreshes_open = 0,
                writes_pending = 0;
    std::int64_t granted_total = 0, denied_total = 0, settled_total = 0;
    std::int64_t usage_checks_total = 0, quota_warnings_total = 0, budget_warnings_total = 0;
  };
  Stats stats() const;

 private:
  friend struct CoreWorld;  // its tests arrange what only a provider and time could
  Core(asio::io_context& io, const Clock& clock, std::unique_ptr<Store> store, std::unique_ptr<StoredUsage> reader,
       Fetcher& fetcher, Spawn spawn);
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }
  void AdmitHeld();

  // What an operation on the pool caused, in order. What is caused by carrying follows behind.
  void Carry(PoolEvents events);
  void Carry(Considered& event) { traces_.Take(std::move(event), clock_.Now()); }
  void Carry(const Granted& event);
  void Carry(const Denied& event);
  void Carry(const MarkChanged& event);
  void Carry(const QuotaChanged& event) { quotas_.Changed(event.account); }
  void Carry(const LimitSpent& event);
  void Carry(const ModelRefused& event);
  void Carry(const OverloadHeld& event);
  void Carry(const Judged& event);
  void Carry(const AffinityMoved& event);
  void Carry(const LeaseLapsed& event);
  void Carry(const RefreshWanted& event);
  void Carry(const UsageWanted& event);
  void Carry(const Happened& event);
  void Durable(const UsageRecord& row, const FrontendId& frontend, RowAdded added);
  void KeepQuota();
  void KeepLongLeases();
  void KeepAffinity();
  void WriteLost(const HeldLease& held, std::string why);
  std::map<std::string, std::string> NamesOfKeys() const;

  asio::io_context& io_;
  const Clock& clock_;
  Fetcher& fetcher_;
  Spawn spawn_;
  StorageThread storage_;
  ReadThread reads_;  // ends before it
  Providers providers_;
  PriceBook prices_;
  AccountPool pool_;
  AccountBook accounts_;
  ModelBook models_;
  ClientKeyBook keys_;
  KeyCalls key_calls_;
  SharedLogins shared_logins_;
  Refresher refresher_;
  LoginRunner logins_;
  UsageRecorder recorder_;
  Quotas quotas_;
  UsageKeeper keeper_;
  UsageChecks checks_;
  Traces traces_;
  ConfiguredKeys configured_keys_;
  ConfiguredUsers configured_users_;
  KeyDesk key_desk_;
  Administration administration_;
  asio::steady_timer tick_;
  Replies replies_;
  std::function<void(const Happened&)> tell_;
  std::deque<CallWish> held_;  // until the keys and the models are known
  PoolEvents uncarried_;
  std::unordered_set<LeaseId> kept_leases_;  // of long calls, in the store
  bool carrying_ = false;
  bool ticking_fast_ = false;
  std::int64_t granted_total_ = 0;
  std::int64_t denied_total_ = 0;
  std::int64_t settled_total_ = 0;
  std::int64_t quota_warnings_total_ = 0;
  std::int64_t budget_warnings_total_ = 0;
};

}  // namespace patchbay::accounts
