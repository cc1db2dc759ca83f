// Choosers that follow the rules of other pools, as account-pools §1.3, §2 and codex-proxy §3.7 describe them.
//
// What is compared is the rule: all of them get what they know from the answers at once, leave an exhausted account
// until its reset, and, unless said otherwise, keep a conversation on its account as ours does.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/pool/simulation.h"

namespace patchbay::bench {

// What a peer knows of an account. A window that was never reported, or whose reset has passed, counts as unused.
struct Known {
  std::size_t account = 0;
  const Plan* plan = nullptr;
  std::vector<Reading> readings;
  Seconds exhausted_until = -1;
  int requests = 0;
  Seconds last_used = -1;
  double weight_now = 0;  // smooth weighted round robin's

  const Reading* reading(bool shortest, Seconds now) const;
  double used(bool shortest, Seconds now) const;  // percent, of its shortest or longest window
};

// One of `candidates`, which are not empty.
class Rule {
 public:
  virtual ~Rule() = default;
  virtual Known* Choose(const std::vector<Known*>& candidates, Seconds now) = 0;
  // Whether a conversation leaves its account, which could go on, for one of `candidates`.
  virtual bool Leaves(const Known&, const std::vector<Known*>&, Seconds) const { return false; }
};

struct Peer {
  std::string_view name;
  std::unique_ptr<Rule> (*make)();
  bool affinity = true;
};
const std::vector<Peer>& Peers();

class PeerPool final : public Chooser {
 public:
  PeerPool(const Peer& peer, const Fleet& fleet);
  std::optional<std::size_t> Begin(std::size_t call, const Turn& turn, Seconds now) override;
  std::optional<std::size_t> Refused(std::size_t call, const Turn& turn, std::size_t account, Seconds until,
                                     const std::vector<Reading>& readings, Seconds now) override;
  void End(std::size_t call, const Turn& turn, std::size_t account, const std::vector<Reading>& readings,
           Seconds now) override;

 private:
  struct Bound {
    std::size_t account = 0;
    Seconds last = 0;
  };
  std::unique_ptr<Rule> rule_;
  bool affinity_;
  std::vector<Known> known_;
  std::unordered_map<std::uint32_t, Bound> bound_;  // by conversation
};

}  // namespace patchbay::bench
