#include "workers/accounts/books/identities.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace patchbay::accounts {
namespace {

// Accounts by ref, as AccountBook has them.
struct Desk {
  std::map<AccountId, StoredAccount> accounts;
  Identities identities;
  mutable std::size_t compared = 0;

  void Put(StoredAccount account) {
    identities.Put(account);
    accounts[account.ref] = std::move(account);
  }
  void Remove(const AccountId& ref) {
    identities.Remove(ref);
    accounts.erase(ref);
  }
  std::optional<AccountId> SameAs(const StoredAccount& account) const {
    return identities.SameAs(account, [&](const AccountId& ref) {
      ++compared;
      return IsSameIdentity(account, accounts.at(ref));
    });
  }
  std::optional<AccountId> FoundByALookAtEach(const StoredAccount& account) const {
    for (const auto& [ref, known] : accounts) {
      if (ref != account.ref && IsSameIdentity(account, known)) return ref;
    }
    return std::nullopt;
  }
};

StoredAccount Account(std::string ref, std::string id, std::string user, std::string access, std::string refresh) {
  StoredAccount account;
  account.ref = AccountId(std::move(ref));
  account.provider = "codex";
  account.provider_account_id = std::move(id);
  account.user_id = std::move(user);
  account.tokens.access = Secret(std::move(access));
  account.tokens.refresh = Secret(std::move(refresh));
  return account;
}

TEST(Identities, AreThoseOfTheProviderAccountAndUserWhereBothNameOne) {
  EXPECT_TRUE(IsSameIdentity(Account("a", "1", "u", "x", ""), Account("b", "1", "u", "y", "")));
  EXPECT_TRUE(IsSameIdentity(Account("a", "1", "", "x", ""), Account("b", "1", "u", "y", "")));
  EXPECT_FALSE(IsSameIdentity(Account("a", "1", "v", "x", ""), Account("b", "1", "u", "x", "")));
  EXPECT_FALSE(IsSameIdentity(Account("a", "1", "u", "x", ""), Account("b", "2", "u", "x", "")));
}

TEST(Identities, AreThoseOfTheTokensWhereOneIsNotNamed) {
  EXPECT_TRUE(IsSameIdentity(Account("a", "", "", "x", ""), Account("b", "1", "u", "x", "")));
  EXPECT_TRUE(IsSameIdentity(Account("a", "", "", "x", "r"), Account("b", "", "", "y", "r")));
  EXPECT_TRUE(IsSameIdentity(Account("a", "", "", "", ""), Account("b", "", "", "", "")));
  EXPECT_FALSE(IsSameIdentity(Account("a", "", "", "x", ""), Account("b", "", "", "", "x")));
  StoredAccount elsewhere = Account("b", "", "", "x", "");
  elsewhere.provider = "xai";
  EXPECT_FALSE(IsSameIdentity(Account("a", "", "", "x", ""), elsewhere));
}

TEST(Identities, AreFoundAsByALookAtEachThroughAllChanges) {
  std::mt19937 random(20260822);
  const auto pick = [&](int count) {
    const int n = std::uniform_int_distribution<int>(0, count)(random);
    return n == 0 ? std::string() : std::to_string(n);
  };
  const auto any = [&] {
    StoredAccount account = Account("acc_" + pick(12), pick(3), pick(2), pick(4), pick(4));
    if (pick(3).empty()) account.provider = "xai";
    return account;
  };
  Desk desk;
  int found = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (step % 5 == 0) {
      desk.Remove(any().ref);
    } else {
      desk.Put(any());
    }
    const StoredAccount asked = any();
    const auto same = desk.SameAs(asked);
    ASSERT_EQ(same, desk.FoundByALookAtEach(asked)) << "step " << step;
    if (same) ++found;
  }
  EXPECT_GT(found, 1000);
  EXPECT_LT(found, 19'000);
}

// How many are compared while so many are added, each of which is none of those before, and then all of them again.
template <class Make>
double ComparedWhileAdding(int count, Make make) {
  Desk desk;
  for (int i = 0; i < count; ++i) {
    StoredAccount account = make(i);
    EXPECT_EQ(desk.SameAs(account), std::nullopt);
    desk.Put(std::move(account));
  }
  for (int i = 0; i < count; ++i) {
    StoredAccount again = make(i);
    const AccountId ref = again.ref;
    again.ref = AccountId();
    EXPECT_EQ(desk.SameAs(again), ref);
  }
  return static_cast<double>(desk.compared);
}

TEST(Identities, CompareTenTimesAsManyWhenTenTimesAsManyAreAdded) {
  const auto n = [](const char* what, int i) { return what + std::to_string(i); };
  const auto of_their_own = [&](int i) { return Account(n("acc_", i), n("id", i), n("u", i), n("at", i), n("rt", i)); };
  const auto of_one_company = [&](int i) {
    return Account(n("acc_", i), "company", n("u", i), n("at", i), n("rt", i));
  };
  const auto keys = [&](int i) { return Account(n("acc_", i), "", "", n("sk", i), ""); };
  const auto named_without_secret = [&](int i) { return Account(n("acc_", i), n("id", i), "", "", ""); };
  const auto grow = [&](const auto& make) {
    const double few = ComparedWhileAdding(1'000, make), many = ComparedWhileAdding(10'000, make);
    EXPECT_GE(few, 1'000);
    EXPECT_LE(many / few, 11);
  };
  grow(of_their_own);
  grow(of_one_company);
  grow(keys);
  grow(named_without_secret);
}

}  // namespace
}  // namespace patchbay::accounts
