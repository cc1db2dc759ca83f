#include "supervisor/life/slot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/supervisor/probe.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Times that no test reaches by accident.
SlotTimes Patient() {
  SlotTimes times;
  times.start_timeout = seconds(60);
  times.drain_timeout = seconds(60);
  times.backoff = {.initial = milliseconds(50),
                   .max = seconds(10),
                   .bad_starts_max = 5,
                   .bad_starts_window = seconds(60),
                   .failed_retry = seconds(60)};
  return times;
}

// A slot with real processes (the probe child), whose readiness the test says.
class SlotTest : public ::testing::Test {
 protected:
  void Make(bool overlap = true, SlotTimes times = Patient()) {
    WorkerSpec spec;
    spec.name = "probe";
    spec.overlap = overlap;
    SlotHooks hooks;
    hooks.launch = [this](const WorkerSpec& worker, std::int64_t generation) -> Result<std::shared_ptr<Process>> {
      if (!obstacle_.empty()) return Error(ErrorCode::kUnavailable, obstacle_);
      ChildRequest request;
      request.executable = ProbePath();
      request.arguments = arguments_;
      return Process::Start(io_, clock_, logs_, request, {worker.name, generation, 0});
    };
    hooks.population = [this] { populations_.push_back(Generations()); };
    hooks.refused = [this](const Exit& exit) { refusals_.push_back(exit.code); };
    slot_ = std::make_unique<Slot>(io_, clock_, spec, times, std::move(hooks), changed_);
  }
  std::vector<std::int64_t> Generations() const {
    std::vector<std::int64_t> generations;
    for (const auto& process : slot_->Processes()) generations.push_back(process->generation());
    return generations;
  }
  void TearDown() override {
    if (!slot_) return;
    for (const auto& process : slot_->Processes()) process->Kill();
    slot_->Drain(milliseconds(0));
    EXPECT_TRUE(RunUntil([&] { return slot_->gone(); }));
  }
  // Runs the event loop until it is true; the limit only keeps a broken test from hanging.
  bool RunUntil(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + seconds(30);
    while (!done() && std::chrono::steady_clock::now() < limit) io_.run_one_for(milliseconds(100));
    return done();
  }
  // The child has installed its signal handler when it has said its word.
  bool WaitForWord(std::size_t words) {
    return RunUntil([&] { return logs_.Tail("probe", 100).size() >= words; });
  }
  void SayReady() { slot_->OnReady(slot_->successor() ? slot_->successor() : slot_->current()); }

  asio::io_context io_{1};
  SystemClock clock_;
  LogHub logs_{io_};
  async::Broadcast changed_{io_};
  std::vector<std::string> arguments_ = {"wait"};
  std::unique_ptr<Slot> slot_;
  std::string obstacle_;                                // why nothing can be launched
  std::vector<std::vector<std::int64_t>> populations_;  // as of each call
  std::vector<int> refusals_;
};

TEST_F(SlotTest, IsReadyByTheWorkersWordOnly) {
  Make();
  slot_->Start();
  EXPECT_EQ(slot_->phase(), Phase::kStarting);
  ASSERT_TRUE(WaitForWord(1));
  EXPECT_EQ(slot_->phase(), Phase::kStarting);
  SayReady();
  EXPECT_EQ(slot_->phase(), Phase::kReady);
}

TEST_F(SlotTest, StartsANewGenerationAtOnceAfterAKill) {
  Make();
  slot_->Start();
  SayReady();
  slot_->current()->Kill();
  ASSERT_TRUE(RunUntil([&] { return slot_->current() && slot_->current()->generation() == 2; }));
  EXPECT_EQ(slot_->phase(), Phase::kStarting);
  EXPECT_EQ(slot_->restarts(), 1);
  EXPECT_EQ(slot_->last_exit(), "killed by SIGKILL");
}

TEST_F(SlotTest, BacksOffFromBadStartsAndThenFailsAndTriesAgain) {
  arguments_ = {"exit", "70"};
  SlotTimes times = Patient();
  times.backoff = {.initial = milliseconds(1),
                   .max = milliseconds(2),
                   .bad_starts_max = 3,
                   .bad_starts_window = seconds(60),
                   .failed_retry = milliseconds(20)};
  Make(true, times);
  slot_->Start();
  ASSERT_TRUE(RunUntil([&] { return slot_->phase() == Phase::kFailed; }));
  EXPECT_EQ(slot_->last_exit(), "exit 70 (our bug)");
  EXPECT_EQ(slot_->restarts(), 3);
  arguments_ = {"wait"};
  ASSERT_TRUE(RunUntil([&] { return slot_->phase() == Phase::kStarting && slot_->last_generation() >= 4; }));
  SayReady();
  EXPECT_EQ(slot_->phase(), Phase::kReady);
}

TEST_F(SlotTest, IsFailedWithTheReasonWhileItCannotBeLaunchedAndTriesAgain) {
  obstacle_ = "the address is taken";
  SlotTimes times = Patient();
  times.backoff.initial = milliseconds(1);
  times.backoff.bad_starts_max = 2;
  times.backoff.failed_retry = milliseconds(5);
  Make(true, times);
  slot_->Start();
  ASSERT_TRUE(RunUntil([&] { return slot_->phase() == Phase::kFailed; }));
  EXPECT_EQ(slot_->last_exit(), "the address is taken");
  obstacle_.clear();
  ASSERT_TRUE(RunUntil([&] { return slot_->current() != nullptr; }));
  SayReady();
  EXPECT_EQ(slot_->phase(), Phase::kReady);
}

TEST_F(SlotTest, PassesOnARefusalToStartAndNoOtherDeath) {
  arguments_ = {"exit", "70"};
  Make();
  slot_->Start();
  ASSERT_TRUE(RunUntil([&] { return slot_->restarts() == 1; }));
  EXPECT_THAT(refusals_, IsEmpty());
  arguments_ = {"exit", "78"};
  ASSERT_TRUE(RunUntil([&] { return !refusals_.empty(); }));
  EXPECT_THAT(refusals_, ElementsAre(78));
}

TEST_F(SlotTest, TakesTheEndOfAReadyWorkerForNoRefusal) {
  arguments_ = {"wait-then-exit", "78"};
  Make();
  slot_->Start();
  ASSERT_TRUE(WaitForWord(1));
  SayReady();
  kill(slot_->current()->pid(), SIGTERM);
  ASSERT_TRUE(RunUntil([&] { return slot_->last_generation() == 2; }));
  EXPECT_EQ(slot_->last_exit(), Describe({.code = 78, .signal = 0}));
  EXPECT_THAT(refusals_, IsEmpty());
}

TEST_F(SlotTest, BringsTheNewGenerationUpBeforeTheOldOneDrains) {
  Make();
  slot_->Start();
  ASSERT_TRUE(WaitForWord(1));
  SayReady();
  slot_->Restart();
  ASSERT_TRUE(slot_->successor());
  EXPECT_EQ(slot_->current()->generation(), 1);
  EXPECT_EQ(slot_->current()->stop_step(), StopStep::kRunning);
  EXPECT_TRUE(slot_->serving());
  const auto old = slot_->current();
  ASSERT_TRUE(WaitForWord(2));
  SayReady();
  EXPECT_EQ(slot_->current()->generation(), 2);
  EXPECT_EQ(old->stop_step(), StopStep::kAskedToDrain);
  ASSERT_TRUE(RunUntil([&] { return !old->running(); }));
  EXPECT_EQ(slot_->restarts(), 0);  // asked for, so it does not count
  EXPECT_EQ(slot_->last_exit(), "exit 0 (drained)");
}

TEST_F(SlotTest, DrainsASingleWriterBeforeItsSuccessorStarts) {
  Make(/*overlap=*/false);
  slot_->Start();
  ASSERT_TRUE(WaitForWord(1));
  SayReady();
  slot_->Restart();
  EXPECT_FALSE(slot_->successor());
  EXPECT_EQ(slot_->phase(), Phase::kRecycling);
  ASSERT_TRUE(RunUntil([&] { return slot_->current() && slot_->current()->generation() == 2; }));
  EXPECT_EQ(slot_->Processes().size(), 1u);
}

TEST_F(SlotTest, KeepsTheOldGenerationWhenItsSuccessorDies) {
  Make();
  slot_->Start();
  SayReady();
  arguments_ = {"exit", "70"};
  slot_->Restart();
  ASSERT_TRUE(RunUntil([&] { return !slot_->successor(); }));
  EXPECT_EQ(slot_->phase(), Phase::kReady);
  EXPECT_EQ(slot_->current()->generation(), 1);
  EXPECT_TRUE(slot_->current()->running());
}

TEST_F(SlotTest, AdoptsTheSuccessorWhenTheOldGenerationDiesMeanwhile) {
  Make();
  slot_->Start();
  SayReady();
  slot_->Restart();
  const auto successor = slot_->successor();
  slot_->current()->Kill();
  ASSERT_TRUE(RunUntil([&] { return slot_->current() == successor; }));
  EXPECT_EQ(slot_->phase(), Phase::kStarting);
  SayReady();
  EXPECT_EQ(slot_->phase(), Phase::kReady);
}

TEST_F(SlotTest, TellsOfEveryProcessThatBeginsOrEnds) {
  Make();
  slot_->Start();
  EXPECT_THAT(populations_, ElementsAre(ElementsAre(1)));
  ASSERT_TRUE(WaitForWord(1));
  SayReady();
  slot_->Restart();
  EXPECT_THAT(populations_.back(), ElementsAre(1, 2));
  ASSERT_TRUE(WaitForWord(2));
  SayReady();  // the old generation drains
  ASSERT_TRUE(RunUntil([&] { return populations_.size() == 3; }));
  EXPECT_THAT(populations_.back(), ElementsAre(2));
  slot_->current()->Kill();
  ASSERT_TRUE(RunUntil([&] { return populations_.size() == 5; }));
  EXPECT_THAT(populations_[3], IsEmpty());
  EXPECT_THAT(populations_[4], ElementsAre(3));
}

TEST_F(SlotTest, KillsAWorkerThatNeverBecomesReady) {
  SlotTimes times = Patient();
  times.start_timeout = milliseconds(1);
  times.backoff.initial = seconds(60);
  times.backoff.max = seconds(60);
  Make(true, times);
  slot_->Start();
  ASSERT_TRUE(RunUntil([&] { return slot_->phase() == Phase::kBackingOff; }));
  EXPECT_EQ(slot_->last_exit(), "killed by SIGKILL");
  EXPECT_GT(slot_->next_start_at(), clock_.Now());
}

TEST_F(SlotTest, KillsWhatDoesNotDrain) {
  arguments_ = {"stubborn"};
  Make();
  slot_->Start();
  ASSERT_TRUE(WaitForWord(1));
  SayReady();
  slot_->Drain(milliseconds(1));
  ASSERT_TRUE(RunUntil([&] { return slot_->gone(); }));
  EXPECT_EQ(slot_->last_exit(), "killed by SIGKILL");
}

TEST_F(SlotTest, StaysDownAfterADrainUntilAskedAgain) {
  Make();
  slot_->Start();
  ASSERT_TRUE(WaitForWord(1));
  SayReady();
  slot_->Drain(seconds(10));
  ASSERT_TRUE(RunUntil([&] { return slot_->gone(); }));
  EXPECT_FALSE(slot_->current());
  slot_->Restart();
  EXPECT_EQ(slot_->phase(), Phase::kStarting);
}

}  // namespace
}  // namespace patchbay::supervisor
