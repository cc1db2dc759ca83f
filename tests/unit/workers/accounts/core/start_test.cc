// A start reads all accounts, opens their tokens and ranks them: eight times as many take about eight times as long,
// and not sixty-four.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

constexpr int kFew = 1000, kMany = 8 * kFew;
constexpr double kUnrest = 4;  // of a busy machine

using Span = std::chrono::duration<double, std::milli>;

Span StartWith(int accounts) {
  CoreWorld world;
  world.Crash();
  {
    auto store = OpenStore(world.directory.path);
    EXPECT_TRUE(store.ok());
    const Result<void> put = (*store)->InTransaction([&]() -> Result<void> {
      for (int i = 0; i < accounts; ++i) {
        StoredAccount account = AnAccount("acc_" + std::to_string(i));
        account.tokens.access = Secret(Jwt(world.clock.wall + 240h, account.ref.str()));
        RETURN_IF_ERROR((*store)->PutAccount(account));
        RETURN_IF_ERROR((*store)->PutMark(account.ref, {AccountState::kActive, "seen", world.clock.wall, {}, {}}));
      }
      return {};
    });
    EXPECT_TRUE(put.ok());
  }
  Span best = Span::max();
  for (int i = 0; i < 3; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    world.Start();
    best = std::min<Span>(best, std::chrono::steady_clock::now() - begun);
    EXPECT_EQ(world.pool().accounts().size(), static_cast<std::size_t>(accounts));
    if (i < 2) world.Crash();
  }
  return best;
}

TEST(Start, TakesTimeInProportionToItsAccounts) {
  const Span few = StartWith(kFew), many = StartWith(kMany);
  RecordProperty("milliseconds_of_8000_accounts", std::to_string(many.count()));
  EXPECT_LE(many.count(), few.count() * (kMany / kFew) * kUnrest) << few.count() << " ms for " << kFew;
}

}  // namespace
}  // namespace patchbay::accounts
