// What the engine needs from whoever leases accounts. LeaseClient asks the accounts worker; tests
// have a fake.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "workers/frontend/engine/cancellation.h"

namespace patchbay::frontend {

// Where leases end. Settling only enqueues, so a destructor never waits.
class LeaseLedger {
 public:
  virtual ~LeaseLedger() = default;
  virtual void Settle(accounts::v1::Settle settlement) = 0;
};

// One attempt's claim on one account. Settling consumes it; a lease that merely goes out of scope
// settles as abandoned, so no early return can strand an account.
class [[nodiscard]] Lease {
 public:
  Lease(LeaseLedger& ledger, accounts::v1::Granted granted) : ledger_(&ledger), granted_(std::move(granted)) {}
  Lease(Lease&& other) noexcept : ledger_(std::exchange(other.ledger_, nullptr)), granted_(std::move(other.granted_)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (ledger_ == nullptr) return;
    accounts::v1::Settle settlement;
    settlement.set_outcome(accounts::v1::OUTCOME_ABANDONED);
    Finish(std::move(settlement));
  }

  const accounts::v1::Granted& granted() const { return granted_; }

  // The ids and what was granted are filled in here; the rest is the caller's account of how the call went.
  void Settle(accounts::v1::Settle settlement) && { Finish(std::move(settlement)); }
  // The claim goes back to accounts by other means: a Retry ends the lease it names.
  accounts::v1::Granted Release() && {
    ledger_ = nullptr;
    return std::move(granted_);
  }

 private:
  void Finish(accounts::v1::Settle settlement) {
    settlement.set_lease_id(granted_.lease_id());
    settlement.set_request_id(granted_.request_id());
    settlement.set_account(granted_.account());
    settlement.set_provider(granted_.provider());
    settlement.set_wire_model(granted_.wire_model());
    settlement.set_fallback_model(granted_.fallback_model());
    if (settlement.service_tier().empty()) settlement.set_service_tier(granted_.service_tier());
    std::exchange(ledger_, nullptr)->Settle(std::move(settlement));
  }

  LeaseLedger* ledger_;  // null once moved from, settled or released
  accounts::v1::Granted granted_;
};

using LeaseAnswer = std::variant<Lease, accounts::v1::Denied>;

class Leaser : public LeaseLedger {
 public:
  // Waits for an account, at most `max_wait` and a little for the answer's way. kUnavailable: accounts
  // did not answer at all. kCancelled: the request was cancelled, and accounts has been told.
  virtual Awaitable<Result<LeaseAnswer>> Acquire(accounts::v1::Acquire request, std::chrono::milliseconds max_wait,
                                                 Cancellation& cancellation) = 0;
  // The call under `lease` failed before its client saw anything: may it be tried elsewhere? When nothing else comes of
  // it, `otherwise` is the lease's settlement: each request that was made has one row.
  virtual Awaitable<Result<LeaseAnswer>> Retry(Lease lease, accounts::v1::Retry request, accounts::v1::Settle otherwise,
                                               std::chrono::milliseconds max_wait, Cancellation& cancellation) = 0;
};

}  // namespace patchbay::frontend
