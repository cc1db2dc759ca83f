#include "lib/roster/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "lib/config/fields.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::roster {
namespace {

using testing::UnorderedElementsAreArray;

TEST(Roster, GivesEachRoleOfAWorkerToOneKindAndReadsItBack) {
  std::set<Role> roles;
  for (const Builtin& worker : Builtins()) {
    EXPECT_TRUE(roles.insert(worker.role).second) << worker.kind;
    EXPECT_EQ(ToString(worker.role), worker.kind);
    EXPECT_EQ(RoleOfWorker(worker.kind), worker.role);
    EXPECT_EQ(FindBuiltin(worker.kind), &worker);
  }
  for (const Role role : {Role::kNone, Role::kSupervisor, Role::kOperator, Role::kExtra, Role::kProgram})
    EXPECT_FALSE(roles.contains(role));
  EXPECT_EQ(roles.size() + 5, std::size(kAllRoles));
}

TEST(Roster, NamesOnlySettingsThatExist) {
  config::v1::Config config;
  for (const Builtin& worker : Builtins()) {
    std::vector<std::string_view> paths(worker.sections.begin(), worker.sections.end());
    for (const Listener& listener : worker.listeners) paths.push_back(listener.setting);
    for (const std::string_view path : {worker.count_setting, worker.enabled_setting}) {
      if (!path.empty()) paths.push_back(path);
    }
    for (const std::string_view path : paths) EXPECT_NE(config::FindSetting(config, path).field, nullptr) << path;
  }
}

TEST(Roster, NamesOnlyPeersThatMayBeCalled) {
  for (const Builtin& worker : Builtins()) {
    for (const std::string_view peer : worker.peers) {
      const Builtin* called = FindBuiltin(peer);
      ASSERT_NE(called, nullptr) << peer;
      EXPECT_TRUE(called->has_callers) << peer;
    }
  }
}

// PROGRAMS in tools/dev/common.sh is what `./dev run` builds and installs.
TEST(Roster, AgreesWithTheProgramsThatAreBuilt) {
  std::ifstream file("tools/dev/common.sh");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t from = text.find("PROGRAMS=(");
  ASSERT_NE(from, std::string::npos);
  std::istringstream words(text.substr(from + 10, text.find(')', from) - from - 10));
  const std::vector<std::string> programs{std::istream_iterator<std::string>(words), {}};
  std::vector<std::string> expected = {"patchbayd", "patchbay"};
  for (const Builtin& worker : Builtins()) expected.push_back("patchbay-" + std::string(worker.kind));
  EXPECT_THAT(programs, UnorderedElementsAreArray(expected));
}

TEST(WorkerId, IsReadFromANameAndWrittenBack) {
  EXPECT_EQ(ParseWorkerId("frontend"), (WorkerId{"frontend", 1}));
  EXPECT_EQ(ParseWorkerId("frontend-2"), (WorkerId{"frontend", 2}));
  EXPECT_EQ(ParseWorkerId("model-watch"), (WorkerId{"model-watch", 1}));
  for (const char* name : {"frontend", "frontend-2", "frontend-64", "accounts", "model-watch", "a-3"}) {
    EXPECT_EQ(ToString(ParseWorkerId(name)), name);
  }
}

TEST(WorkerId, TakesNoOtherNumberForOneOfOurs) {
  for (const char* name : {"frontend-", "frontend-1", "frontend-0", "frontend-02", "frontend--2", "frontend-x",
                           "frontend-2x", "accounts-2", "frontend-99999999999"}) {
    EXPECT_EQ(ParseWorkerId(name).kind, name);
    EXPECT_EQ(RoleOfWorker(name), Role::kExtra) << name;
  }
}

TEST(RoleOfWorker, KnowsNumberedFrontendsAndCallsStrangersExtra) {
  EXPECT_EQ(RoleOfWorker("frontend"), Role::kFrontend);
  EXPECT_EQ(RoleOfWorker("frontend-2"), Role::kFrontend);
  EXPECT_EQ(RoleOfWorker("supervisor"), Role::kExtra);  // a name from the configuration gives no power
  EXPECT_EQ(RoleOfWorker("operator"), Role::kExtra);
}

TEST(WorkerName, IsReservedWhenItIsOneOfOursOrLooksLikeIt) {
  for (const char* name :
       {"frontend", "frontend-2", "accounts-of-mine", "admin", "console", "supervisor", "operator"}) {
    EXPECT_TRUE(IsReservedName(name)) << name;
  }
  for (const char* name : {"model-watch", "my-frontend", "frontends"}) EXPECT_FALSE(IsReservedName(name)) << name;
}

TEST(WorkerName, IsPlain) {
  for (const char* name : {"a", "model-watch", "x_1"}) EXPECT_TRUE(IsPlainName(name)) << name;
  for (const std::string name : {"", "Upper", "with/slash", "a.b", "ä"}) EXPECT_FALSE(IsPlainName(name)) << name;
  EXPECT_TRUE(IsPlainName(std::string(32, 'a')));
  EXPECT_FALSE(IsPlainName(std::string(33, 'a')));
}

}  // namespace
}  // namespace patchbay::roster
