#include <algorithm>
#include <cmath>
#include <tuple>

#include "bench/pool/peers.h"

namespace patchbay::bench {
namespace {

template <class Key>
Known* Least(const std::vector<Known*>& candidates, const Key& key) {
  return *std::min_element(candidates.begin(), candidates.end(),
                           [&](const Known* a, const Known* b) { return key(*a) < key(*b); });
}

// One of them by chance, in proportion to its weight.
Known* Draw(const std::vector<Known*>& candidates, const std::vector<double>& weights, Random& random) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double at = random.Unit() * sum;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    at -= weights[i];
    if (at <= 0) return candidates[i];
  }
  return candidates.back();
}

// CLIProxyAPI: smooth, every credential of weight 1 unless its file says otherwise.
class WeightedRoundRobin final : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds) override {
    for (Known* known : candidates) known->weight_now += 1;
    Known* next = Least(candidates, [](const Known& known) { return -known.weight_now; });
    next->weight_now -= static_cast<double>(candidates.size());
    return next;
  }
};

// codex-proxy's default. The earlier reset goes first where both know one; its order is not transitive, so the outcome
// is that of one pass, like there.
class CodexProxyLeastUsed final : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds now) override {
    Known* best = candidates.front();
    for (Known* known : candidates) {
      if (known != best && Before(*known, *best, now)) best = known;
    }
    return best;
  }

 private:
  static bool Before(const Known& a, const Known& b, Seconds now) {
    const Reading* ra = a.reading(true, now);
    const Reading* rb = b.reading(true, now);
    if (ra != nullptr && rb != nullptr && ra->resets_at != rb->resets_at) return ra->resets_at < rb->resets_at;
    return std::tie(a.requests, a.last_used) < std::tie(b.requests, b.last_used);
  }
};

class CodexProxyRoundRobin final : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds) override {
    return candidates[next_++ % candidates.size()];
  }

 private:
  std::size_t next_ = 0;
};

class CodexProxySticky final : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds) override {
    return Least(candidates, [](const Known& known) { return -known.last_used; });
  }
};

// codex-lb: accounts that are nearly spent are drained last, and its own strategies choose among the rest.
class CodexLb : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds now) override {
    for (const bool healthy : {true, false}) {
      std::vector<Known*> tier;
      for (Known* known : candidates) {
        const bool draining = known->used(true, now) >= 85 || known->used(false, now) >= 90;
        if (draining != healthy) tier.push_back(known);
      }
      if (!tier.empty()) return Among(tier, now);
    }
    return candidates.front();
  }
  bool Leaves(const Known& owner, const std::vector<Known*>& candidates, Seconds now) const override {
    const auto spent = [&](const Known& known) { return known.used(true, now) > 95 || known.used(false, now) >= 100; };
    return spent(owner) && std::any_of(candidates.begin(), candidates.end(), [&](Known* k) { return !spent(*k); });
  }

 protected:
  virtual Known* Among(const std::vector<Known*>& candidates, Seconds now) = 0;
  static Seconds ToReset(const Known& known, Seconds now) {
    const Reading* week = known.reading(false, now);
    return week == nullptr ? kWeek : week->resets_at - now;
  }
  static double Credits(const Known& known, Seconds now) {
    return known.plan->windows.back().tokens * (1 - known.used(false, now) / 100);
  }
  Random random_{7};
};

class CapacityWeighted final : public CodexLb {
  Known* Among(const std::vector<Known*>& candidates, Seconds now) override {
    double first = 1e300;
    for (const Known* known : candidates) first = std::min(first, std::floor(ToReset(*known, now) / kDay));
    std::vector<Known*> soonest;
    std::vector<double> weights;
    for (Known* known : candidates) {
      if (std::floor(ToReset(*known, now) / kDay) != first) continue;
      soonest.push_back(known);
      weights.push_back(Credits(*known, now));
    }
    return Draw(soonest, weights, random_);
  }
};

class UsageWeighted final : public CodexLb {
  Known* Among(const std::vector<Known*>& candidates, Seconds now) override {
    return Least(candidates, [&](const Known& known) {
      return std::tuple(std::floor(ToReset(known, now) / kDay), known.used(false, now), known.used(true, now),
                        known.last_used);
    });
  }
};

class RelativeAvailability final : public CodexLb {
  Known* Among(const std::vector<Known*>& candidates, Seconds now) override {
    std::vector<std::pair<double, Known*>> scored;
    for (Known* known : candidates) {
      scored.emplace_back(Credits(*known, now) / std::max(300.0, ToReset(*known, now)), known);
    }
    std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Known*> best;
    std::vector<double> weights;
    for (const auto& [score, known] : scored) {
      const double part = scored.front().first > 0 ? score / scored.front().first : 1;
      if (best.size() >= 5 || (part < .1 && !best.empty())) break;
      best.push_back(known);
      weights.push_back(part * part);
    }
    return Draw(best, weights, random_);
  }
};

class LbRoundRobin final : public CodexLb {
  Known* Among(const std::vector<Known*>& candidates, Seconds) override {
    return Least(candidates, [](const Known& known) { return known.last_used; });
  }
};

class LbFillFirst final : public CodexLb {
  Known* Among(const std::vector<Known*>& candidates, Seconds now) override {
    return Least(candidates, [&](const Known& known) {
      return std::tuple(-known.used(true, now), -known.used(false, now), known.account);
    });
  }
};

// The two below go past the tiers.
class SequentialDrain final : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds) override {
    return Least(candidates, [](const Known& known) { return std::tuple(known.plan->weekly(), known.account); });
  }
};

class ResetDrain final : public Rule {
 public:
  Known* Choose(const std::vector<Known*>& candidates, Seconds now) override {
    return Least(candidates, [&](const Known& known) {
      const Reading* week = known.reading(false, now);
      const Seconds to_reset = week == nullptr ? kWeek : week->resets_at - now;
      return std::tuple(std::floor(to_reset / kDay), known.used(true, now), known.used(false, now), to_reset);
    });
  }
};

template <class T>
std::unique_ptr<Rule> Make() {
  return std::make_unique<T>();
}

}  // namespace

const std::vector<Peer>& Peers() {
  static const std::vector<Peer> peers = {
      {"CLIProxyAPI, no affinity (its default)", Make<WeightedRoundRobin>, false},
      {"CLIProxyAPI weighted-round-robin", Make<WeightedRoundRobin>},
      {"codex-proxy least_used (its default)", Make<CodexProxyLeastUsed>},
      {"codex-proxy round_robin", Make<CodexProxyRoundRobin>},
      {"codex-proxy sticky", Make<CodexProxySticky>},
      {"codex-lb capacity_weighted (its default)", Make<CapacityWeighted>},
      {"codex-lb usage_weighted", Make<UsageWeighted>},
      {"codex-lb relative_availability", Make<RelativeAvailability>},
      {"codex-lb round_robin", Make<LbRoundRobin>},
      {"codex-lb fill_first", Make<LbFillFirst>},
      {"codex-lb sequential_drain", Make<SequentialDrain>},
      {"codex-lb reset_drain", Make<ResetDrain>},
  };
  return peers;
}

}  // namespace patchbay::bench
