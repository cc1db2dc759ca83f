// Every status and every cause that a provider's dialect may name, driven at three equal accounts: on weak evidence one
// request may change the state of one account at most, and a request's own fault changes none.
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

std::vector<FailureFacts> EveryFailure() {
  std::vector<FailureFacts> all;
  for (int stage = 0; stage <= static_cast<int>(Stage::kGateway); ++stage)
    all.push_back(Stopped(static_cast<Stage>(stage)));
  for (const int status :
       {200, 302, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 426, 429, 451, 500, 502, 503, 504, 520, 529}) {
    for (const Body body : {Body::kUnknown, Body::kEmpty, Body::kJson, Body::kHtml, Body::kOther}) {
      for (const bool challenge : {false, true}) {
        for (int cause = 0; cause <= static_cast<int>(Cause::kTimedOut); ++cause) {
          if (cause != 0 && body != Body::kJson) continue;
          FailureFacts failure = Status(status, cause != 0 ? "a_code" : "", body);
          failure.cause = static_cast<Cause>(cause);
          failure.challenge = challenge;
          all.push_back(failure);
          failure.retry_after = 5s;
          all.push_back(failure);
          if (status == 200) {
            failure.stage = Stage::kReported;
            all.push_back(failure);
          }
        }
      }
    }
  }
  return all;
}

// How refreshes end while the failure goes round.
enum class Refreshes { kWork, kRefused, kFail };

int ChangedStates(const FailureFacts& failure, Refreshes refreshes, bool refresh_tokens) {
  World world;
  const std::vector<AccountId> accounts = {world.Add("a", refresh_tokens), world.Add("b", refresh_tokens),
                                           world.Add("c", refresh_tokens)};
  world.Acquire("r1");
  bool request_fault = false;
  for (int step = 0; step < 80; ++step) {
    if (const auto wanted = world.One<RefreshWanted>()) {
      if (refreshes == Refreshes::kWork) world.Refreshed(wanted->account);
      if (refreshes == Refreshes::kRefused)
        world.Take(world.pool.RefreshRefused(wanted->account, "refused", world.now));
      if (refreshes == Refreshes::kFail) world.Take(world.pool.RefreshFailed(wanted->account, world.now));
    }
    const auto granted = world.One<Granted>();
    if (granted) {
      world.Retry(*granted, failure);
    } else if (world.pool.queued() > 0) {
      world.Pass(500ms);  // it waits where it is
    } else {
      break;
    }
  }
  for (const Denied& denied : world.All<Denied>()) {
    request_fault = denied.code == DenyCode::kRequestFault;
  }
  EXPECT_EQ(world.pool.leases_open(), 0u) << Describe(failure);
  EXPECT_EQ(world.pool.queued(), 0u) << Describe(failure) << ": it must have been answered";
  int changed = 0;
  for (const AccountId& account : accounts) changed += world.StateOf(account) != AccountState::kActive ? 1 : 0;
  // Where a refresh was refused, the refused token is evidence of its own.
  if (request_fault && refreshes != Refreshes::kRefused) {
    EXPECT_EQ(changed, 0) << Describe(failure);
  }
  return changed;
}

TEST(BlastRadius, IsOneAccountAtMostWhateverTheAnswer) {
  const auto failures = EveryFailure();
  EXPECT_GT(failures.size(), 1900u);
  for (const FailureFacts& failure : failures) {
    for (const Refreshes refreshes : {Refreshes::kWork, Refreshes::kRefused, Refreshes::kFail}) {
      for (const bool refresh_tokens : {true, false}) {
        const int changed = ChangedStates(failure, refreshes, refresh_tokens);
        const Verdict verdict = Classify(failure, {}, WallTime(std::chrono::seconds(1)));
        if (verdict.evidence == Evidence::kStrong) continue;  // each spoke of itself
        EXPECT_LE(changed, 1) << Describe(failure) << " refreshes " << static_cast<int>(refreshes);
        if (verdict.fault != Fault::kAccount) {
          EXPECT_EQ(changed, 0) << Describe(failure) << " is no account's fault";
        }
      }
    }
  }
}

TEST(BlastRadius, IsOneAccountForAStormOfOddRefusals) {
  World world;
  const std::vector<AccountId> accounts = {world.Add("a"), world.Add("b"), world.Add("c")};
  for (int i = 0; i < 20; ++i) {
    world.Acquire("r" + std::to_string(i));
    for (auto granted = world.One<Granted>(); granted; granted = world.One<Granted>()) {
      world.Retry(*granted, Status(403, "odd"));
    }
    for (const auto& wanted : world.All<UsageWanted>()) {
      UsageAnswer healthy;
      healthy.http_status = 200;
      world.Take(world.pool.UsageChecked(wanted.account, healthy, world.now));
    }
    int changed = 0;
    for (const AccountId& account : accounts) changed += world.StateOf(account) != AccountState::kActive ? 1 : 0;
    EXPECT_LE(changed, 1);
  }
}

}  // namespace
}  // namespace patchbay::accounts
