#include "bench/pool/our_pool.h"

#include <limits>
#include <string>
#include <variant>

namespace patchbay::bench {
namespace {

using namespace std::chrono_literals;
using namespace accounts;  // NOLINT(google-build-using-namespace): this file translates between the two

const FrontendId kFrontend("frontend#1");

std::chrono::milliseconds Milliseconds(Seconds time) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(time * 1000));
}

// A Monday, so that days of the simulation are days.
WallTime WallOf(Seconds time) { return WallTime(1'767'571'200s) + Milliseconds(time); }
Moment MomentOf(Seconds time) { return {WallOf(time), SteadyTime(1h) + Milliseconds(time)}; }

QuotaFacts FactsOf(const std::vector<Reading>& readings) {
  QuotaFacts facts;
  for (const Reading& reading : readings) {
    facts.windows.push_back({"primary", reading.used_percent,
                             std::chrono::seconds(static_cast<std::int64_t>(reading.length)),
                             WallOf(reading.resets_at)});
  }
  return facts;
}

PoolSettings SettingsOf(Strategy strategy) {
  PoolSettings settings;
  settings.strategy = strategy;
  // Slots are not what is measured: nobody waits, and a denial is for want of quota.
  settings.slots_per_account = std::numeric_limits<int>::max();
  settings.queue_wait = 1ms;
  settings.attempts_max = 1000;
  settings.affinity_max = 100'000;
  settings.affinity_ttl = 6h;
  settings.lease_grace = 30s;
  settings.recheck_max = 5min;
  return settings;
}

}  // namespace

OurPool::OurPool(Strategy strategy, const Fleet& fleet)
    : pool_([this] { return LeaseId("L" + std::to_string(next_lease_++)); }) {
  const Moment start = MomentOf(0);
  (void)pool_.Configure(SettingsOf(strategy), start);
  pool_.Redeclare(kFrontend, 1, {}, start);
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    AccountFacts facts;
    facts.id = AccountId("a" + std::to_string(i));
    facts.provider = "provider";
    facts.plan = fleet.plan(i).name;
    facts.order = static_cast<std::int64_t>(i);
    facts.has_access_token = true;
    numbers_[facts.id] = i;
    (void)pool_.Put(facts, start);
  }
}

std::optional<std::size_t> OurPool::Begin(std::size_t call, const Turn& turn, Seconds now) {
  const Moment moment = MomentOf(now);
  (void)pool_.Tick(moment);
  AcquireArgs args;
  args.frontend = kFrontend;
  args.epoch = 1;
  args.request = RequestId("r" + std::to_string(call));
  args.provider = "provider";
  args.wire_model = "model";
  args.affinity_key = "c" + std::to_string(turn.conversation);
  return Answer(pool_.Acquire(args, moment), call);
}

std::optional<std::size_t> OurPool::Refused(std::size_t call, const Turn&, std::size_t, Seconds until,
                                            const std::vector<Reading>& readings, Seconds now) {
  RetryArgs args;
  args.frontend = kFrontend;
  args.epoch = 1;
  args.request = RequestId("r" + std::to_string(call));
  args.lease = leases_.at(call);
  args.failure.stage = Stage::kStatus;
  args.failure.http_status = 429;
  args.failure.cause = Cause::kExhausted;
  args.failure.code = "usage_limit_reached";
  args.failure.body = Body::kJson;
  args.failure.resets_at = WallOf(until);
  args.quota = FactsOf(readings);
  leases_.erase(call);
  return Answer(pool_.Retry(args, MomentOf(now)), call);
}

void OurPool::End(std::size_t call, const Turn&, std::size_t, const std::vector<Reading>& readings, Seconds now) {
  SettleArgs args;
  args.lease = leases_.at(call);
  args.succeeded = true;
  args.quota = FactsOf(readings);
  leases_.erase(call);
  (void)pool_.Settle(args, MomentOf(now));
}

std::optional<std::size_t> OurPool::Answer(const PoolEvents& events, std::size_t call) {
  std::optional<std::size_t> account;
  for (const PoolEvent& event : events) {
    const auto* granted = std::get_if<Granted>(&event);
    if (granted == nullptr) continue;
    leases_[call] = granted->lease;
    account = numbers_.at(granted->account);
  }
  return account;
}

}  // namespace patchbay::bench
