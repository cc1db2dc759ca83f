#include "bench/pool/simulation.h"

#include <functional>
#include <queue>
#include <unordered_map>

namespace patchbay::bench {
namespace {

// How long a provider keeps a prompt.
constexpr Seconds kCacheLife = kHour;

struct Running {
  Seconds ends = 0;
  std::size_t call = 0;
  std::size_t account = 0;
  double tokens = 0;
  friend bool operator>(const Running& a, const Running& b) { return a.ends > b.ends; }
};

struct Conversation {
  std::size_t account = 0;
  Seconds last = 0;
};

}  // namespace

Outcome Play(const std::vector<Turn>& traffic, Fleet fleet, Chooser& chooser) {
  Outcome outcome;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running;
  std::unordered_map<std::uint32_t, Conversation> conversations;
  const auto end_until = [&](Seconds now) {
    while (!running.empty() && running.top().ends <= now) {
      const Running over = running.top();
      running.pop();
      fleet.Charge(over.account, over.tokens, over.ends);
      chooser.End(over.call, traffic[over.call], over.account, fleet.Read(over.account, over.ends), over.ends);
    }
  };
  for (std::size_t call = 0; call < traffic.size(); ++call) {
    const Turn& turn = traffic[call];
    end_until(turn.at);
    outcome.demanded += turn.tokens();
    std::optional<std::size_t> account = chooser.Begin(call, turn, turn.at);
    while (account) {
      const auto full_until = fleet.FullUntil(*account, turn.at);
      if (!full_until) break;
      ++outcome.calls_refused;
      account = chooser.Refused(call, turn, *account, *full_until, fleet.Read(*account, turn.at), turn.at);
    }
    if (!account) {
      outcome.denied_with_quota += fleet.AnyTakes(turn.at) ? 1 : 0;
      continue;
    }
    const auto [known, first] = conversations.try_emplace(turn.conversation, Conversation{*account, turn.at});
    Conversation& conversation = known->second;
    const bool cached = conversation.account == *account && turn.at - conversation.last < kCacheLife;
    outcome.conversations += first ? 1 : 0;
    outcome.account_changes += conversation.account == *account ? 0 : 1;
    conversation = {*account, turn.at};
    outcome.served += turn.tokens();
    outcome.context += turn.context;
    outcome.context_cached += cached ? turn.context : 0;
    fleet.Begin(*account, turn.at);
    running.push({turn.at + turn.lasts, call, *account, turn.context * (cached ? kCachedPrice : 1) + turn.fresh});
  }
  end_until(1e300);
  return outcome;
}

}  // namespace patchbay::bench
