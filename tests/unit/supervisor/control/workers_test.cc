#include "supervisor/control/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "lib/base/on_exit.h"
#include "lib/log/log.h"
#include "tests/unit/supervisor/house.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WorkersTest : public HouseTest {
 protected:
  // Workers whose first generation serves and takes SIGTERM for a drain.
  void Serve(std::vector<WorkerSpec> workers) {
    const std::size_t count = workers.size();
    Begin(std::move(workers));
    ASSERT_TRUE(RunUntil([&] { return logs_.Tail("", 100).size() >= count; }));  // their handlers are installed
    for (const auto& slot : house_->slots()) SayReady(slot->spec().name);
  }
  Later<void> Restart(const std::string& name, milliseconds timeout = seconds(30)) {
    return Spawn(RestartWorker(*house_, name, timeout));
  }
  Later<void> Drain(const std::string& name, milliseconds timeout = seconds(30)) {
    return Spawn(DrainWorker(*house_, name, timeout));
  }
  std::vector<std::string> LevelsTold(const std::string& name) {
    std::vector<std::string> levels;
    for (const auto& order : Orders(name)) {
      if (order.has_log_level()) levels.push_back(order.log_level().level());
    }
    return levels;
  }
};

TEST_F(WorkersTest, KnowWhoDoesNotExist) {
  Serve({Worker("frontend")});
  EXPECT_EQ(Await(Restart("nobody")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Await(Drain("nobody")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(SetLogLevel(*house_, "nobody", "debug").error().code, ErrorCode::kNotFound);
}

TEST_F(WorkersTest, AreRestartedOnceTheNewGenerationSaysThatItIsReady) {
  Serve({Worker("frontend")});
  const auto restart = Restart("frontend");
  ASSERT_TRUE(RunUntil([&] { return SlotOf("frontend").successor() != nullptr; }));
  EXPECT_TRUE(SlotOf("frontend").serving());
  EXPECT_FALSE(*restart);
  SayReady("frontend");
  EXPECT_TRUE(Await(restart).ok());
  EXPECT_EQ(SlotOf("frontend").current()->generation(), 2);
}

TEST_F(WorkersTest, AreRestartedOneAfterTheOtherWhereOnlyOneMayRun) {
  Serve({Worker("accounts", /*overlap=*/false)});
  const auto old = SlotOf("accounts").current();
  const auto restart = Restart("accounts");
  ASSERT_TRUE(RunUntil([&] { return SlotOf("accounts").last_generation() == 2; }));
  EXPECT_FALSE(old->running());
  EXPECT_FALSE(*restart);
  SayReady("accounts");
  EXPECT_TRUE(Await(restart).ok());
}

TEST_F(WorkersTest, KeepServingWhenTheNewGenerationIsNotReadyInTime) {
  Serve({Worker("frontend")});
  const auto result = Await(Restart("frontend", milliseconds(50)));
  EXPECT_EQ(result.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(result.error().message, HasSubstr("the old one still serves"));
  EXPECT_TRUE(RunUntil([&] { return !SlotOf("frontend").successor(); })) << "it is not left to come late";
  EXPECT_EQ(SlotOf("frontend").current()->generation(), 1);
  EXPECT_TRUE(SlotOf("frontend").serving());
}

TEST_F(WorkersTest, KeepServingWhenTheNewGenerationDies) {
  Serve({Worker("frontend")});
  const auto restart = Restart("frontend");
  ASSERT_TRUE(RunUntil([&] { return SlotOf("frontend").successor() != nullptr; }));
  SlotOf("frontend").successor()->Kill();
  const auto result = Await(restart);
  EXPECT_EQ(result.error().code, ErrorCode::kDeadlineExceeded) << "at once, not after 30 s";
  EXPECT_THAT(result.error().message, HasSubstr("killed by SIGKILL"));
  EXPECT_TRUE(SlotOf("frontend").serving());
}

TEST_F(WorkersTest, StartAgainWhenTheyWereDrained) {
  Serve({Worker("frontend")});
  ASSERT_TRUE(Await(Drain("frontend")).ok());
  EXPECT_TRUE(SlotOf("frontend").gone());
  const auto restart = Restart("frontend");
  ASSERT_TRUE(RunUntil([&] { return Newest("frontend") != nullptr; }));
  SayReady("frontend");
  EXPECT_TRUE(Await(restart).ok());
}

TEST_F(WorkersTest, AreNotRestartedWhileTheHouseStops) {
  Serve({Worker("frontend")});
  house_->Shutdown("the test");
  EXPECT_EQ(Await(Restart("frontend")).error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(WorkersTest, AreToldToDrainByTheirDeadline) {
  Serve({Worker("frontend")});
  Attach(Newest("frontend"));
  const auto drain = Drain("frontend", seconds(20));
  std::vector<worker::v1::SupervisorOrder> orders;
  ASSERT_TRUE(RunUntil([&] {
    for (auto& order : Orders("frontend")) orders.push_back(std::move(order));
    return !orders.empty();
  }));
  EXPECT_EQ(orders.back().drain().deadline().seconds(), 20);
  EXPECT_FALSE(*drain);
  kill(SlotOf("frontend").current()->pid(), SIGTERM);  // it has drained
  EXPECT_TRUE(Await(drain).ok());
}

TEST_F(WorkersTest, AreNotWaitedForWithoutEnd) {
  Serve({Worker("frontend", /*overlap=*/true, "stubborn")});
  const auto drain = Drain("frontend", milliseconds(1));
  ASSERT_TRUE(RunUntil([&] { return SlotOf("frontend").phase() == Phase::kDraining; }));
  clock_.ahead += milliseconds(1) + Process::kDrainMargin + 2 * Process::kTermPatience;
  house_->changed().Notify();
  EXPECT_EQ(Await(drain).error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(WorkersTest, TakeALogLevelAloneOrAllTogether) {
  Serve({Worker("frontend"), Worker("accounts")});
  for (const char* name : {"frontend", "accounts"}) Attach(Newest(name));
  const OnExit restore([] { log::SetLevel(log::Level::kInfo); });
  log::SetLevel(log::Level::kError);
  struct Case {
    std::string name, level;
    std::vector<std::string> frontend, accounts;
    bool ours;  // the supervisor's own follows
  };
  for (const auto& [name, level, frontend, accounts, ours] :
       {Case{"frontend", "debug", {"debug"}, {}, false}, Case{"patchbayd", "warn", {}, {}, true},
        Case{"", "trace", {"trace"}, {"trace"}, true}}) {
    log::SetLevel(log::Level::kError);
    ASSERT_TRUE(SetLogLevel(*house_, name, level).ok());
    EXPECT_EQ(LevelsTold("frontend"), frontend) << name;
    EXPECT_EQ(LevelsTold("accounts"), accounts) << name;
    EXPECT_EQ(log::Enabled(log::Level::kWarn), ours) << name;
  }
  EXPECT_EQ(SetLogLevel(*house_, "frontend", "loud").error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(LevelsTold("frontend"), IsEmpty());
}

}  // namespace
}  // namespace patchbay::supervisor
