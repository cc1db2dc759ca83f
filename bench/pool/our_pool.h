// The real AccountPool as a chooser.
#pragma once

#include <unordered_map>

#include "bench/pool/simulation.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::bench {

class OurPool final : public Chooser {
 public:
  OurPool(accounts::Strategy strategy, const Fleet& fleet);
  std::optional<std::size_t> Begin(std::size_t call, const Turn& turn, Seconds now) override;
  std::optional<std::size_t> Refused(std::size_t call, const Turn& turn, std::size_t account, Seconds until,
                                     const std::vector<Reading>& readings, Seconds now) override;
  void End(std::size_t call, const Turn& turn, std::size_t account, const std::vector<Reading>& readings,
           Seconds now) override;

 private:
  std::optional<std::size_t> Answer(const accounts::PoolEvents& events, std::size_t call);

  accounts::AccountPool pool_;
  std::unordered_map<accounts::AccountId, std::size_t> numbers_;
  std::unordered_map<std::size_t, accounts::LeaseId> leases_;  // by call
  std::uint64_t next_lease_ = 1;
};

}  // namespace patchbay::bench
