// What a lease costs: with ten accounts and with ten thousand, and as many conversations.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

const FrontendId kFrontend("frontend#1");

// A pool of accounts of a few plans whose windows run, and a conversation that belongs to each.
class Crowd {
 public:
  Crowd(Strategy strategy, int accounts, bool traced = true)
      : pool_([this] { return LeaseId("L" + std::to_string(next_++)); }) {
    PoolSettings settings;
    settings.strategy = strategy;
    settings.slots_per_account = 8;
    settings.queue_max = 1000;
    settings.queue_wait = 60s;
    settings.attempts_max = 3;
    settings.affinity_max = 20'000;
    settings.affinity_ttl = 6h;
    settings.lease_grace = 30s;
    settings.recheck_max = 5min;
    settings.traced = traced;
    (void)pool_.Configure(settings, now_);
    pool_.Redeclare(kFrontend, 1, {}, now_);
    for (int i = 0; i < accounts; ++i) {
      AccountFacts facts;
      facts.id = AccountId("acc_" + std::to_string(i));
      facts.provider = "codex";
      facts.plan = i % 3 == 0 ? "pro" : "plus";
      facts.order = i;
      facts.has_access_token = true;
      (void)pool_.Put(facts, now_);
      UsageAnswer answer;
      answer.http_status = 200;
      answer.quota = Reported(i, 0);
      (void)pool_.UsageChecked(facts.id, answer, now_);
    }
    for (int i = 0; i < accounts; ++i) Lease("conversation-" + std::to_string(i), i);
  }
  // One call from its lease to its settlement. Nine in ten go on with a conversation, as traffic does.
  void Call() {
    ++calls_;
    const auto accounts = static_cast<std::int64_t>(pool_.accounts().size());
    const std::int64_t which = calls_ * 7919 % accounts;
    Lease(calls_ % 10 == 0 ? "new-" + std::to_string(calls_ % accounts) : "conversation-" + std::to_string(which),
          calls_);
  }
  // Without a conversation: the strategy chooses.
  void Choose() { Lease("", ++calls_); }

 private:
  QuotaFacts Reported(std::int64_t seed, std::int64_t more) const {
    const auto spread = [&](std::int64_t range) { return seed * 2654435761 % range; };
    QuotaFacts quota;
    quota.windows = {{"primary", static_cast<double>((spread(60) + more) % 100), 5h,
                      start_.wall + 20h + std::chrono::minutes(spread(280))},
                     {"secondary", static_cast<double>((spread(70) + more) % 100), 168h,
                      start_.wall + 20h + std::chrono::minutes(spread(9000))}};
    return quota;
  }
  void Lease(std::string conversation, std::int64_t number) {
    now_.wall += 1ms;
    now_.steady += 1ms;
    AcquireArgs args;
    args.frontend = kFrontend;
    args.epoch = 1;
    args.request = RequestId("req_" + std::to_string(number));
    args.provider = "codex";
    args.wire_model = "gpt-5.5";
    args.affinity_key = std::move(conversation);
    args.client_key = ClientKeyId("key_1");
    const PoolEvents events = pool_.Acquire(args, now_);
    const auto& granted = std::get<Granted>(events.back());
    SettleArgs settle;
    settle.lease = granted.lease;
    settle.succeeded = true;
    settle.quota = Reported(number, number % 7);
    benchmark::DoNotOptimize(pool_.Settle(settle, now_));
  }

  const Moment start_{WallTime(1'790'000'000s), SteadyTime(1000h)};
  Moment now_ = start_;
  std::int64_t next_ = 1;
  std::int64_t calls_ = 0;
  AccountPool pool_;
};

// A lease taken, its answer's windows merged, and settled.
void PoolChoose(benchmark::State& state, Strategy strategy) {
  Crowd crowd(strategy, static_cast<int>(state.range(0)));
  for (auto _ : state) crowd.Choose();
}
void PoolConversations(benchmark::State& state) {
  Crowd crowd(Strategy::kPaced, static_cast<int>(state.range(0)));
  for (auto _ : state) crowd.Call();
}

// The same without what `patchbay trace` keeps of each choice (accounts.traces: 0).
void PoolChooseUntraced(benchmark::State& state) {
  Crowd crowd(Strategy::kPaced, static_cast<int>(state.range(0)), /*traced=*/false);
  for (auto _ : state) crowd.Choose();
}

BENCHMARK_CAPTURE(PoolChoose, paced, Strategy::kPaced)->Arg(10)->Arg(10'000);
BENCHMARK_CAPTURE(PoolChoose, least_used, Strategy::kLeastUsed)->Arg(10)->Arg(10'000);
BENCHMARK_CAPTURE(PoolChoose, round_robin, Strategy::kRoundRobin)->Arg(10)->Arg(10'000);
BENCHMARK(PoolChooseUntraced)->Arg(10)->Arg(10'000);
BENCHMARK(PoolConversations)->Arg(10)->Arg(10'000);

}  // namespace
}  // namespace patchbay::accounts
