#include "workers/accounts/usage/recorder.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <future>

#include "tests/unit/workers/accounts/store/counting_store.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

struct RecorderTest : ::testing::Test {
  void Open(std::string bad_lease = {}) {
    thread = std::make_unique<StorageThread>(
        io, std::make_unique<CountingStore>(std::move(*OpenStore(directory.path)), commits, full, &savepoints,
                                            std::move(bad_lease)));
    recorder = std::make_unique<UsageRecorder>(
        io, *thread, [this](const UsageRecord& row, const FrontendId& frontend, RowAdded added) {
          told.push_back(frontend.str() + ":" + row.lease.str() + (added == RowAdded::kNew ? "" : " again"));
        });
  }
  void Run(const std::function<bool()>& done) {
    while (!done()) {
      if (io.run_one() == 0) io.restart();
    }
  }
  void StartFlush(bool& done) {
    asio::co_spawn(io, recorder->Flush(), [&done](std::exception_ptr) { done = true; });
  }
  void Flush() {
    bool done = false;
    StartFlush(done);
    Run([&] { return done; });
  }
  std::vector<UsageRecord> Rows() { return (*OpenStore(directory.path))->ListUsage(1000, "", {})->rows; }

  TemporaryDirectory directory;
  asio::io_context io;
  std::atomic<int> commits{0}, savepoints{0};
  std::atomic<bool> full{false};
  std::unique_ptr<StorageThread> thread;
  std::unique_ptr<UsageRecorder> recorder;
  std::vector<std::string> told;
};

TEST_F(RecorderTest, WritesWhatComesTogetherAsOnePieceOfWork) {
  Open();
  for (int i = 0; i < 100; ++i) recorder->Record(AUsage("l" + std::to_string(i)), FrontendId("f"));
  EXPECT_EQ(recorder->pending(), 100u);
  Run([&] { return told.size() == 100; });
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(savepoints, 1);
  EXPECT_EQ(recorder->pending(), 0u);
  EXPECT_EQ(Rows().size(), 100u);
}

TEST_F(RecorderTest, WritesAFullBatchAtOnce) {
  Open();
  for (std::size_t i = 0; i < UsageRecorder::kBatchMin; ++i) {
    recorder->Record(AUsage("l" + std::to_string(i)), FrontendId("f"));
  }
  EXPECT_EQ(thread->pending(), 1u) << "without waiting for a timer";
  Run([&] { return told.size() == UsageRecorder::kBatchMin; });
}

TEST_F(RecorderTest, GathersMoreWhileAWriteIsUnderWay) {
  Open();
  for (std::size_t i = 0; i < UsageRecorder::kBatchMin * 3; ++i) {
    recorder->Record(AUsage("l" + std::to_string(i)), FrontendId("f"));
  }
  EXPECT_EQ(thread->pending(), 1u);
  Run([&] { return told.size() == UsageRecorder::kBatchMin * 3; });
  EXPECT_EQ(savepoints, 2) << "and the rest is one write";
}

TEST_F(RecorderTest, SaysWhyTheDiskTakesNothingAndHealsByItself) {
  Open();
  full = true;
  for (std::size_t i = 0; i < UsageRecorder::kBatchMin; ++i) {
    recorder->Record(AUsage("l" + std::to_string(i)), FrontendId("f"));
  }
  Run([&] { return !recorder->problem().empty(); });
  EXPECT_EQ(recorder->problem(), "database or disk is full");
  const int tried = commits;
  for (std::size_t i = 0; i < UsageRecorder::kBatchMin * 4; ++i) {
    recorder->Record(AUsage("more" + std::to_string(i)), FrontendId("f"));
  }
  EXPECT_EQ(thread->pending(), 0u) << "it is left alone for a while";
  EXPECT_EQ(commits, tried);
  EXPECT_TRUE(told.empty());
  full = false;
  Run([&] { return told.size() == UsageRecorder::kBatchMin * 5; });
  EXPECT_EQ(recorder->problem(), "");
  EXPECT_EQ(commits, tried + 2) << "a few that try, then all";
  EXPECT_EQ(told.front(), "f:l0") << "in their order";
}

TEST_F(RecorderTest, AsksForWhatItHadToDropOnceThereIsRoom) {
  Open();
  int asked = 0;
  recorder->OnRoom([&] { ++asked; });
  full = true;
  for (std::size_t i = 0; i <= UsageRecorder::kPendingMax; ++i) {
    recorder->Record(AUsage("l" + std::to_string(i)), FrontendId("f"));
  }
  EXPECT_EQ(recorder->refused(), 1);
  EXPECT_EQ(recorder->pending(), UsageRecorder::kPendingMax);
  Run([&] { return !recorder->problem().empty(); });
  EXPECT_EQ(asked, 0);
  full = false;
  Run([&] { return asked > 0; });
  EXPECT_EQ(recorder->pending(), 0u);
  EXPECT_EQ(told.size(), UsageRecorder::kPendingMax);
}

TEST_F(RecorderTest, TellsOfARowOnlyWhenItIsDurable) {
  Open();
  recorder->Record(AUsage("l1"), FrontendId("f"));
  EXPECT_TRUE(told.empty());
  Flush();
  EXPECT_THAT(told, ElementsAre("f:l1"));
  EXPECT_EQ(Rows().size(), 1u);
}

TEST_F(RecorderTest, TellsWhoeverSettledLastAndOnce) {
  Open();
  recorder->Record(AUsage("l1"), FrontendId("f"));
  recorder->Record(AUsage("l1"), FrontendId("f-again"));
  Flush();
  EXPECT_THAT(told, ElementsAre("f-again:l1"));
  recorder->Record(AUsage("l1"), FrontendId("f"));
  Flush();
  EXPECT_THAT(told, ElementsAre("f-again:l1", "f:l1 again"));
}

TEST_F(RecorderTest, CorrectsALostRowThatIsOnItsWayToTheDisk) {
  Open();
  std::promise<void> go;
  thread->Submit(
      [held = go.get_future().share()](Store&) -> Result<void> {
        held.wait();
        return {};
      },
      nullptr);
  UsageRecord lost = AUsage("l1");
  lost.outcome = kOutcomeLost;
  UsageRecord settled = AUsage("l1");
  settled.outcome = 1;
  recorder->Record(lost, {});
  bool done = false;
  StartFlush(done);
  Run([&] { return thread->pending() == 2; });  // the lost row is with the storage thread now
  recorder->Record(settled, FrontendId("f"));
  go.set_value();
  Run([&] { return done; });
  EXPECT_THAT(told, ElementsAre("f:l1"));
  ASSERT_EQ(Rows().size(), 1u);
  EXPECT_EQ(Rows()[0].outcome, 1);
}

TEST_F(RecorderTest, LetsOneRowThatIsRefusedHoldUpNoOther) {
  Open("bad");
  recorder->Record(AUsage("l1"), FrontendId("f"));
  recorder->Record(AUsage("bad"), FrontendId("f"));
  recorder->Record(AUsage("l2"), FrontendId("f"));
  Run([&] { return told.size() == 2; });
  EXPECT_THAT(told, UnorderedElementsAre("f:l1", "f:l2"));
  EXPECT_EQ(recorder->pending(), 1u) << "it is kept and offered again";
}

}  // namespace
}  // namespace patchbay::accounts
