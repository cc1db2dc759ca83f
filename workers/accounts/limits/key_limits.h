// How much client keys may be used: requests and tokens of a minute, calls at once, budgets of a day, week or month.
// Pure.
//
// By reservation: what a call may cost at most is set aside before it is made (CallHold), becomes what it did cost when
// it ends, and counts as used when its row is durable. Calls that are made at the same time therefore never use more
// than there is, as long as none costs more than was set aside for it. A call that nobody settles gives everything
// back.
//
// What was used is counted by the day, as the store does, from the rows: after a restart the two are the same, and a
// clock that jumps for a while changes what counts only for as long.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "patchbay/accounts/v1/client_keys.pb.h"
#include "workers/accounts/limits/estimate.h"
#include "workers/accounts/pool/call_hold.h"
#include "workers/accounts/pool/events.h"

namespace patchbay::accounts {

// Why a key may not make a call now.
struct OverLimit {
  DenyCode code = DenyCode::kKeyRate;
  std::string message;
  bool waits = false;  // for a call of the key to end
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<WallTime> available_at;
};

class KeyLimits {
  struct Key;

 public:
  // A budget of which so much is used is told of, once in each period.
  static constexpr int kLowPercent = 80;

  class Hold final : public CallHold {
   public:
    Hold(std::shared_ptr<Key> key, const Estimates& estimates, const CallSize& size, std::string tier, bool fallback)
        : key_(std::move(key)), estimates_(estimates), size_(size), tier_(std::move(tier)), fallback_(fallback) {}
    ~Hold() override;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    bool HasRoomFor(const HeldFor& model, const Moment& now) const override;
    bool MoveTo(const HeldFor& model, const Moment& now) override;
    // The call has ended: it is no longer under way, and what is set aside is what it used, until the hold goes.
    void Ended(const Amounts& used, const Moment& now);
    // Budgets do not count it.
    bool is_fallback() const { return fallback_; }

   private:
    friend class KeyLimits;
    Amounts EstimateOf(HeldFor model, const Moment& now) const;
    void SetAside(const Amounts& amounts);

    std::shared_ptr<Key> key_;
    const Estimates& estimates_;
    CallSize size_;
    std::string tier_;  // that the request itself asks for
    bool fallback_;
    bool open_ = true;
    Amounts aside_;
    std::int64_t minute_tokens_ = 0;  // of the key's minute, at `begun_at_`
    SteadyTime begun_at_{};
  };

  struct Standing {
    std::int64_t requests_this_minute = 0, tokens_this_minute = 0;
    int open = 0;
    struct OfBudget {
      v1::Budget budget;
      std::int64_t used = 0, reserved = 0;
      WallTime resets_at{};
    };
    std::vector<OfBudget> budgets;
  };

  // `estimates` outlives this. A hold that outlives both is asked for nothing.
  explicit KeyLimits(Estimates& estimates) : estimates_(estimates) {}

  // From now on these are the key's. What it has used and set aside stays.
  void Put(const ClientKeyId& key, const v1::KeyTerms& terms, const Moment& now);
  // The key is no more: of its calls that are under way nothing is counted any more.
  void Forget(const ClientKeyId& key);
  // Whether there is anything to ask for it.
  bool Limits(const ClientKeyId& key) const { return keys_.contains(key); }

  // What stands against one more call now; nothing: it may begin. Budgets are asked for each model, of the hold.
  std::optional<OverLimit> Against(const ClientKeyId& key, const CallSize& size, const HeldFor& first,
                                   const Moment& now) const;
  // Whether the budgets have room for one more on that model.
  bool HasRoom(const ClientKeyId& key, const CallSize& size, const HeldFor& model, const Moment& now) const;
  // The call is under way, and `MoveTo` says on what. `tier`: that the request itself asks for, where a model's terms
  // ask for none. Not `budgeted`: budgets do not count it. Null for a key without limits.
  std::shared_ptr<Hold> Begin(const ClientKeyId& key, const CallSize& size, const HeldFor& first, std::string tier,
                              bool budgeted, const Moment& now);
  // A call that was under way before a restart: it is counted, whether or not there is room. `budgeted`: as in Begin.
  std::shared_ptr<Hold> Adopt(const ClientKeyId& key, const CallSize& size, const HeldFor& model, bool budgeted,
                              const Moment& now);
  // Why no hold of this size on that model has room.
  OverLimit BudgetAgainst(const ClientKeyId& key, const CallSize& size, const HeldFor& model, const Moment& now) const;

  // What was used on a day, before this began.
  void Restore(const ClientKeyId& key, std::chrono::sys_days day, const Amounts& used);
  // A row of the key is durable.
  [[nodiscard]] PoolEvents Spent(const ClientKeyId& key, WallTime at, const Amounts& used, const Moment& now);

  // It has as many calls under way as it may.
  bool IsBusy(const ClientKeyId& key) const;
  // Those of which a call has ended since the last time that this was asked.
  std::vector<ClientKeyId> TakeFreed() { return std::exchange(*freed_, {}); }
  // Those whose standing may have changed since the last time that this was asked.
  std::vector<ClientKeyId> TakeStirred(const Moment& now);
  Standing StandingOf(const ClientKeyId& key, const Moment& now) const;
  // Keys that have limits, and those of which is known what they used.
  std::size_t limited() const { return keys_.size(); }
  std::size_t remembered() const { return days_.size(); }

 private:
  using Days = std::map<std::chrono::sys_days, Amounts>;
  static std::int64_t UsedIn(const Days& days, const v1::Budget& budget, WallTime now);
  // Of the terms of `budgets`, the one that has no room for so much more; null: all have.
  static const v1::Budget* Full(const Key& key, const Amounts& more, WallTime now);

  Estimates& estimates_;
  std::unordered_map<ClientKeyId, std::shared_ptr<Key>> keys_;  // that have limits
  std::unordered_map<ClientKeyId, std::shared_ptr<Days>> days_;
  std::chrono::sys_days stirred_on_{};  // when budgets of the day began anew
  std::shared_ptr<std::vector<ClientKeyId>> freed_ = std::make_shared<std::vector<ClientKeyId>>();
};

}  // namespace patchbay::accounts
