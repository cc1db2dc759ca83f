// Calls under client keys: admitted as their keys' terms have it, held to the keys' limits, and waiting where a key has
// too many under way. What they use is counted here from the rows that are durable.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "workers/accounts/admission/admission.h"
#include "workers/accounts/books/client_key_book.h"
#include "workers/accounts/books/model_book.h"
#include "workers/accounts/limits/key_limits.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {

// A refusal by a key's limits, as one of the pool's.
Denied DeniedBy(const CallWish& wish, const OverLimit& over);

class KeyCalls {
 public:
  // Requests of one key that wait for one of its calls to end; more are refused.
  static constexpr std::size_t kWaitingMax = 1000;

  // All of these outlive this, and this the pool's requests.
  KeyCalls(const Clock& clock, const ClientKeyBook& keys, const ModelBook& models, const PriceBook& prices,
           AccountPool& pool, CarryEvents carry)
      : clock_(clock),
        keys_(keys),
        models_(models),
        pool_(pool),
        carry_(std::move(carry)),
        estimates_(prices),
        limits_(estimates_) {}

  // What keys had used before a restart; told before the keys.
  void Restore(const std::vector<KeyDay>& days);
  void Changed(const StoredClientKey& key);

  // Granted, Waiting or Denied, by the key or by the pool.
  void Admit(const CallWish& wish);
  // For a lease that was open before a restart of ours. Null for a key without limits.
  std::shared_ptr<CallHold> Adopt(const HeldLease& held);
  // Its frontend asks again, has gone, or its client has.
  void Forget(const FrontendId& frontend);
  void Forget(const FrontendId& frontend, std::uint64_t epoch);
  void Forget(const FrontendId& frontend, const RequestId& request);

  // A call is settled: before the pool is told. What it used stays set aside until its row is durable.
  void Ended(UsageRecord& row);
  // The row could not be taken: it will be settled again.
  void NotTaken(const LeaseId& lease) { settling_.erase(lease); }
  void Durable(const UsageRecord& row, RowAdded added);

  // Those that wait for a call that has ended go on. Call after everything that may end one.
  void ServeFreed();
  // And those whose time is over are told.
  void Tick();

  // What the limits of its key say of a call that was admitted. Of its models, those that the budgets have no room for
  // are left out. Nothing: it may be made.
  std::optional<OverLimit> Against(const CallWish& wish, AcquireArgs& args) const { return Against(wish, args, Now()); }
  KeyLimits::Standing StandingOf(const ClientKeyId& key) const { return limits_.StandingOf(key, Now()); }
  // Those whose standing may have changed since the last time that this was asked; ask once a second.
  std::vector<ClientKeyId> TakeStirred() { return limits_.TakeStirred(Now()); }
  // It has limits.
  bool Limits(const ClientKeyId& key) const { return limits_.Limits(key); }
  std::size_t waiting() const { return waiting_; }
  std::size_t waiting(const ClientKeyId& key) const;
  // How many of each are held.
  struct Kept {
    std::size_t waiting = 0, settling = 0, limited = 0, remembered = 0;
  };
  Kept kept() const { return {waiting_, settling_.size(), limits_.limited(), limits_.remembered()}; }

 private:
  struct Waiting {
    CallWish wish;
    SteadyTime deadline{};
  };
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }
  // Without regard to who waits.
  void Take(const CallWish& wish);
  std::variant<AcquireArgs, Denied> Admitted(const CallWish& wish) const;
  std::optional<OverLimit> Against(const CallWish& wish, AcquireArgs& args, const Moment& now) const;
  bool KeepThoseWithRoom(const CallWish& wish, AcquireArgs& args, const Moment& now) const;
  bool TakeFallback(const CallWish& wish, const Moment& now);
  void Start(const CallWish& wish, AcquireArgs args, const Moment& now);
  void Wait(const CallWish& wish, const OverLimit& over);
  void Deny(const CallWish& wish, const OverLimit& over);
  void ServeLine(const ClientKeyId& key);
  template <class Which>
  void ForgetThose(Which which);

  const Clock& clock_;
  const ClientKeyBook& keys_;
  const ModelBook& models_;
  AccountPool& pool_;
  CarryEvents carry_;
  Estimates estimates_;
  KeyLimits limits_;
  std::unordered_map<ClientKeyId, std::deque<Waiting>> lines_;  // none is empty
  std::size_t waiting_ = 0;
  std::unordered_map<LeaseId, std::shared_ptr<CallHold>> settling_;  // until the row is durable
  bool serving_ = false;
};

}  // namespace patchbay::accounts
