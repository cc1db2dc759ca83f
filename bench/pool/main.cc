// patchbay-bench-pool [--quick] [POOL]: six weeks of simulated traffic over pools of several sizes, by every strategy
// of ours and the rules of other pools, as tables in Markdown.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/pool/bound.h"
#include "bench/pool/our_pool.h"
#include "bench/pool/peers.h"

namespace patchbay::bench {
namespace {

constexpr int kWeeks = 6;
constexpr double kConversationsPerAccount = 300;  // a week, of an account of the small plan
constexpr double kDemands[] = {.9, 1.1, 1.4};     // of what the accounts can serve if no window ever rests

struct Pool {
  std::string name;
  std::vector<const Plan*> plans;
  int seeds;
};

struct Contestant {
  std::string name;
  std::function<std::unique_ptr<Chooser>(const Fleet&)> make;
};

std::vector<Contestant> Contestants() {
  std::vector<Contestant> all;
  for (const auto strategy :
       {accounts::Strategy::kPaced, accounts::Strategy::kLeastUsed, accounts::Strategy::kRoundRobin,
        accounts::Strategy::kSticky, accounts::Strategy::kFillFirst}) {
    all.push_back({"**" + std::string(accounts::ToString(strategy)) + "**",
                   [strategy](const Fleet& fleet) { return std::make_unique<OurPool>(strategy, fleet); }});
  }
  for (const Peer& peer : Peers()) {
    all.push_back(
        {std::string(peer.name), [&peer](const Fleet& fleet) { return std::make_unique<PeerPool>(peer, fleet); }});
  }
  return all;
}

void Add(Outcome& sum, const Outcome& one) {
  sum.demanded += one.demanded;
  sum.served += one.served;
  sum.denied_with_quota += one.denied_with_quota;
  sum.context += one.context;
  sum.context_cached += one.context_cached;
  sum.conversations += one.conversations;
  sum.account_changes += one.account_changes;
  sum.calls_refused += one.calls_refused;
}

double Share(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

// What became of one demand on one pool.
struct Column {
  std::string title;
  double bound_denied = 0;        // percent
  std::vector<Outcome> outcomes;  // by contestant
};

Column Compare(const Pool& pool, double demand, const std::vector<Contestant>& contestants) {
  double weekly = 0;
  for (const Plan* plan : pool.plans) weekly += plan->weekly();
  const double conversations = kConversationsPerAccount * kWeeks * weekly / EqualPlans(1)[0]->weekly();
  std::vector<std::vector<Turn>> traffic;
  double most = 0;
  std::size_t turns = 0;
  for (int seed = 1; seed <= pool.seeds; ++seed) {
    traffic.push_back(MakeTraffic(static_cast<std::uint64_t>(seed), kWeeks, static_cast<int>(conversations),
                                  weekly * kWeeks * demand));
    most += MostServed(pool.plans, traffic.back(), kWeeks);
    turns += traffic.back().size();
  }
  const double demanded = weekly * kWeeks * demand * pool.seeds;
  const int percent = static_cast<int>(100 * demand + .5);
  Column column{pool.name + ", " + std::to_string(percent) + " %", std::max(0.0, 100 - Share(most, demanded)), {}};
  std::printf("\n### %s, demand %d %% of capacity: %zu turns in %d weeks, mean of %d\n\n", pool.name.c_str(), percent,
              turns / traffic.size(), kWeeks, pool.seeds);
  std::puts(
      "| strategy | tokens served | denied % | of the bound % | denied with quota left | cache hits % | account "
      "changes "
      "per conversation |\n|---|--:|--:|--:|--:|--:|--:|");
  std::printf("| *upper bound* | %.0f | %.2f | 100.0 | | | |\n", most / pool.seeds, column.bound_denied);
  for (const Contestant& contestant : contestants) {
    Outcome sum;
    for (const auto& turns_of_seed : traffic) {
      const Fleet fleet(pool.plans);
      const auto chooser = contestant.make(fleet);
      Add(sum, Play(turns_of_seed, fleet, *chooser));
    }
    std::printf("| %s | %.0f | %.2f | %.1f | %d | %.2f | %.3f |\n", contestant.name.c_str(), sum.served / pool.seeds,
                100 - Share(sum.served, sum.demanded), Share(sum.served, most), sum.denied_with_quota,
                Share(sum.context_cached, sum.context), sum.account_changes / sum.conversations);
    std::fflush(stdout);
    column.outcomes.push_back(sum);
  }
  return column;
}

void Summarize(const std::string& title, const std::vector<Contestant>& contestants, const std::vector<Column>& columns,
               const std::function<double(const Outcome&)>& value, bool bound) {
  std::printf("\n## %s\n\n| strategy |", title.c_str());
  for (const Column& column : columns) std::printf(" %s |", column.title.c_str());
  std::printf("\n|---|");
  for (std::size_t i = 0; i < columns.size(); ++i) std::printf("--:|");
  if (bound) {
    std::printf("\n| *upper bound* |");
    for (const Column& column : columns) std::printf(" %.2f |", column.bound_denied);
  }
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    std::printf("\n| %s |", contestants[i].name.c_str());
    for (const Column& column : columns) std::printf(" %.2f |", value(column.outcomes[i]));
  }
  std::printf("\n");
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
  using namespace patchbay::bench;
  bool quick = false;
  std::string_view only;  // of the pools, those with this in their names
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quick") {
      quick = true;
    } else {
      only = argument;
    }
  }
  std::vector<Pool> pools = {{"3 mixed accounts", MixedPlans(3), quick ? 2 : 10},
                             {"10 equal accounts", EqualPlans(10), quick ? 1 : 5},
                             {"10 mixed accounts", MixedPlans(10), quick ? 1 : 3}};
  if (!quick) pools.push_back({"100 mixed accounts", MixedPlans(100), 1});
  const auto contestants = Contestants();
  std::vector<Column> columns;
  for (const Pool& pool : pools) {
    if (pool.name.find(only) == std::string::npos) continue;
    for (const double demand : kDemands) columns.push_back(Compare(pool, demand, contestants));
  }
  Summarize(
      "Demand denied, % of its tokens", contestants, columns,
      [](const Outcome& sum) { return 100 - Share(sum.served, sum.demanded); }, true);
  Summarize(
      "Prompt cache hits, % of the context of what was served", contestants, columns,
      [](const Outcome& sum) { return Share(sum.context_cached, sum.context); }, false);
}
