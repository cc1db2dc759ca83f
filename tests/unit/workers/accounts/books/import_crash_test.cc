// An import whose process is killed, or whose disk fills up, at each of its steps in turn: what was acknowledged is
// there, nothing is there by halves, and the same import done again makes nothing twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/workers/accounts/core/core_world.h"
#include "tests/unit/workers/accounts/store/fated_store.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

using Parts = std::vector<std::vector<std::string>>;

// As `patchbay accounts import` sends a long document, a part after the other; one account is known already, another
// comes twice.
const Parts kParts = {{"one", "two"}, {"three", "known", "two"}, {"four"}};
const std::vector<std::string> kAll = {"known", "one", "two", "three", "four"};

struct ImportWalk {
  ImportWalk()
      : world({[this](std::unique_ptr<Store> store) -> std::unique_ptr<Store> {
                 return std::make_unique<FatedStore>(std::move(store), fate);
               },
               {}}) {
    EXPECT_TRUE(world.Add(Jwt(world.clock.wall + 240h, "known"), "rt_from_before").ok());
    world.Settle();
  }

  // The names that were acknowledged. It ends with the first part that was not.
  std::vector<std::string> Import() {
    std::vector<std::string> acknowledged;
    for (const auto& part : kParts) {
      std::vector<NewAccount> accounts;
      for (const std::string& name : part) {
        NewAccount account;
        account.tokens.access = Secret(Jwt(world.clock.wall + 240h, name));
        account.tokens.refresh = Secret("rt_" + name);
        accounts.push_back(std::move(account));
      }
      const auto results = world.Await(world.core->administration().AddAccounts(std::move(accounts)));
      for (std::size_t i = 0; i < part.size(); ++i) {
        if (!results[i].ok()) {
          problem = results[i].error().message;
          return acknowledged;
        }
        acknowledged.push_back(part[i]);
      }
    }
    return acknowledged;
  }
  void Restart() {
    fate.Disarm();
    world.Crash();
    world.Start();
    world.Settle();
  }
  // Name → refresh token, of every account that can be leased.
  std::map<std::string, std::string> Accounts() {
    std::map<std::string, std::string> found;
    for (const AccountView& view : world.core->administration().Accounts()) {
      const bool fresh = found.emplace(view.stored->provider_account_id, view.stored->tokens.refresh.Reveal()).second;
      EXPECT_TRUE(fresh) << view.stored->provider_account_id << " is there twice";
      EXPECT_NE(view.pooled, nullptr);
    }
    return found;
  }
  void ExpectAll() {
    std::vector<std::string> names;
    for (const auto& [name, token] : Accounts()) {
      names.push_back(name);
      EXPECT_EQ(token, "rt_" + name);
    }
    EXPECT_THAT(names, UnorderedElementsAreArray(kAll));
  }

  Fate fate;
  CoreWorld world;
  std::string problem;  // of the last import
};

TEST(ImportKilled, KeepsWhatItAcknowledgedAndMakesNothingTwice) {
  int walks = 0;
  for (int last_step = 1;; ++last_step, ++walks) {
    SCOPED_TRACE(last_step);
    ImportWalk walk;
    walk.fate.Arm(last_step);
    const auto acknowledged = walk.Import();
    if (!walk.fate.over()) {
      EXPECT_EQ(acknowledged.size(), 6u) << walk.problem;
      break;
    }
    walk.Restart();
    const auto found = walk.Accounts();
    for (const std::string& name : acknowledged) {
      ASSERT_TRUE(found.contains(name)) << name;
      EXPECT_EQ(found.at(name), "rt_" + name);
    }
    ASSERT_TRUE(found.contains("known"));
    for (const auto& [name, token] : found)
      EXPECT_TRUE(token == "rt_" + name || (name == "known" && token == "rt_from_before")) << name << " has " << token;
    EXPECT_EQ(walk.Import().size(), 6u) << walk.problem;
    walk.ExpectAll();
    walk.Restart();
    walk.ExpectAll();
  }
  EXPECT_GE(walks, 6) << "three parts: each before it is written, and before anybody heard of it";
}

TEST(ImportOnAFullDisk, RefusesAPartWholeAndGoesOnOnceThereIsRoom) {
  for (int parts = 0; parts < 3; ++parts) {
    SCOPED_TRACE(parts);
    ImportWalk walk;
    walk.fate.disk_takes = parts;
    const auto acknowledged = walk.Import();
    EXPECT_LT(acknowledged.size(), 6u);
    EXPECT_THAT(walk.problem, HasSubstr("full"));
    for (const auto& [name, token] : walk.Accounts()) {
      const bool was_told = std::find(acknowledged.begin(), acknowledged.end(), name) != acknowledged.end();
      EXPECT_TRUE(was_told || name == "known") << name << " is there and was refused";
    }
    walk.fate.disk_takes = kNever;
    EXPECT_EQ(walk.Import().size(), 6u) << walk.problem;
    walk.ExpectAll();
    walk.Restart();
    walk.ExpectAll();
  }
}

}  // namespace
}  // namespace patchbay::accounts
