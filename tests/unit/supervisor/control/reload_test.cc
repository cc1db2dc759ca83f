#include "supervisor/control/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/supervisor/house.h"

namespace patchbay::supervisor {
namespace {

using Kind = WorkerAnswer::Kind;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kBefore[] = "frontend: {limits: {connections: 7}}\n";
constexpr char kAfter[] = "frontend: {limits: {connections: 8}}\n";

// Two workers that are attached and ready; the test speaks for them.
class ReloadTest : public HouseTest {
 protected:
  void SetUp() override {
    Configure(kBefore);
    Begin({Worker("frontend"), Worker("accounts")});
    for (const char* name : {"frontend", "accounts"}) {
      SayReady(name);
      Attach(Newest(name));
    }
    reloader_.emplace(*house_);
  }
  Later<ReloadOutcome> Reload() {
    auto later = Spawn(reloader_->Reload());
    Turn();
    return later;
  }
  // Whatever can happen without time passing.
  void Turn() {
    while (io_.poll() > 0) {
    }
  }
  void Answer(const std::string& name, const std::string& error = "", const std::string& needs_restart = "") {
    const auto& process = SlotOf(name).current();
    process->applied.set_revision(house_->revision());
    process->applied.set_error(error);
    process->applied.clear_needs_restart();
    if (!needs_restart.empty()) process->applied.add_needs_restart(needs_restart);
    house_->OnApplied(process);
    Turn();
  }
  void AnswerWithNewFiles(const std::string& name, const std::vector<std::string>& settings) {
    SlotOf(name).current()->applied.mutable_new_files()->Assign(settings.begin(), settings.end());
    Answer(name);
  }
  // The limit in each configuration that the worker was told since the last time.
  std::vector<int> Told(const std::string& name) {
    std::vector<int> limits;
    for (const auto& order : Orders(name)) {
      if (order.has_configuration()) limits.push_back(order.configuration().config().frontend().limits().connections());
    }
    return limits;
  }
  int InForce() const { return house_->config().frontend().limits().connections(); }

  std::optional<Reloader> reloader_;
};

TEST_F(ReloadTest, TellsEveryWorkerAndWaitsForTheirAnswers) {
  Configure(kAfter);
  const auto reload = Reload();
  EXPECT_EQ(InForce(), 8);
  EXPECT_THAT(Told("frontend"), ElementsAre(8));
  EXPECT_THAT(Told("accounts"), ElementsAre(0)) << "of a section that is not its own it sees nothing";
  Answer("frontend");
  EXPECT_FALSE(*reload) << "accounts has not answered";
  Answer("accounts");
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->refused);
  EXPECT_EQ(outcome->revision, 2);
  EXPECT_THAT(outcome->applied, ElementsAre("frontend.limits.connections"));
  EXPECT_THAT(outcome->needs_restart, IsEmpty());
  ASSERT_EQ(outcome->workers.size(), 2u);
  EXPECT_EQ(outcome->workers[0].worker, "frontend");
  EXPECT_EQ(outcome->workers[0].kind, Kind::kApplied);
}

TEST_F(ReloadTest, ChangesNothingWhenTheFileIsWrong) {
  Configure("frontend: {limits: {connections: none}}\n");
  const auto outcome = Await(Reload());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(outcome.error().message, HasSubstr("connections"));
  EXPECT_EQ(InForce(), 7);
  EXPECT_EQ(house_->revision(), 1);
  EXPECT_THAT(Told("frontend"), IsEmpty());
}

TEST_F(ReloadTest, PutsTheConfigurationBeforeBackInForceWhenOneWorkerRefuses) {
  Configure(kAfter);
  const auto reload = Reload();
  Answer("frontend");
  Answer("accounts", "not with me");
  EXPECT_FALSE(*reload) << "it is over when the one before is in force again";
  EXPECT_THAT(Told("frontend"), ElementsAre(8, 7));
  Answer("frontend");
  Answer("accounts");
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->refused);
  EXPECT_THAT(outcome->applied, IsEmpty());
  EXPECT_EQ(InForce(), 7);
  EXPECT_EQ(outcome->revision, 3) << "another number: workers tell the two apart by it";
  EXPECT_EQ(outcome->workers[0].kind, Kind::kApplied);
  EXPECT_EQ(outcome->workers[1].kind, Kind::kRefused);
  EXPECT_EQ(outcome->workers[1].words, "not with me");
}

TEST_F(ReloadTest, NamesWhoMustBeRestartedForASetting) {
  Configure("frontend: {listen: \"127.0.0.1:1234\", limits: {connections: 8}}\n");
  const auto reload = Reload();
  Answer("frontend", "", "frontend.limits.connections");
  Answer("accounts");
  const auto outcome = Await(reload);
  EXPECT_THAT(outcome->applied, IsEmpty());
  EXPECT_THAT(outcome->needs_restart,
              ElementsAre("frontend.listen (restart patchbayd)", "frontend.limits.connections (restart frontend)"));
  EXPECT_EQ(outcome->workers[0].kind, Kind::kNeedsRestart);
  EXPECT_EQ(outcome->workers[0].words, "frontend.limits.connections");
}

TEST_F(ReloadTest, NamesAFileThatHoldsSomethingElseOnceAndNotBesideItsSetting) {
  Configure("frontend: {limits: {connections: 7}, tls: {certificate: /etc/passwd, key: /etc/group}}\n");
  const auto reload = Reload();
  AnswerWithNewFiles("frontend", {"frontend.tls.certificate", "frontend.tls.client_ca"});
  AnswerWithNewFiles("accounts", {"frontend.tls.client_ca"});
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_THAT(outcome->applied, ElementsAre("frontend.tls.certificate", "frontend.tls.key",
                                            "frontend.tls.client_ca (what is in the file)"));
}

TEST_F(ReloadTest, NamesNoFileWhenOneWorkerRefuses) {
  const auto reload = Reload();
  AnswerWithNewFiles("frontend", {"frontend.tls.certificate"});
  Answer("accounts", "not with me");
  Answer("frontend");
  Answer("accounts");
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->refused);
  EXPECT_THAT(outcome->applied, IsEmpty());
}

TEST_F(ReloadTest, SaysWhoGaveNoAnswer) {
  Configure(kAfter);
  const auto reload = Reload();
  Answer("frontend");
  clock_.ahead += Reloader::kAnswerPatience;
  house_->changed().Notify();
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->refused) << "silence refuses nothing";
  EXPECT_EQ(outcome->workers[1].kind, Kind::kNoAnswer);
  EXPECT_EQ(outcome->workers[1].words, "it does not answer");
  EXPECT_EQ(InForce(), 8);
}

TEST_F(ReloadTest, DoesNotWaitForAWorkerThatEnds) {
  Configure(kAfter);
  const auto reload = Reload();
  Answer("frontend");
  SlotOf("accounts").current()->Kill();
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->workers[1].kind, Kind::kNoAnswer);
  EXPECT_EQ(outcome->workers[1].words, "it ended meanwhile");
}

TEST_F(ReloadTest, AsksNobodyWhoHasNotAttached) {
  SlotOf("accounts").current()->link = nullptr;
  Configure(kAfter);
  const auto reload = Reload();
  Answer("frontend");
  const auto outcome = Await(reload);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->workers.size(), 1u) << "it will be told the new one when it attaches";
}

TEST_F(ReloadTest, GoesOneAfterAnother) {
  Configure(kAfter);
  const auto first = Reload();
  Configure("frontend: {limits: {connections: 9}}\n");
  const auto second = Reload();
  EXPECT_THAT(Told("frontend"), ElementsAre(8)) << "the second waits";
  Answer("frontend");
  Answer("accounts");
  EXPECT_EQ(Await(first)->revision, 2);
  ASSERT_TRUE(RunUntil([&] { return InForce() == 9; }));
  Answer("frontend");
  Answer("accounts");
  const auto outcome = Await(second);
  EXPECT_EQ(outcome->revision, 3);
  EXPECT_THAT(outcome->applied, Contains("frontend.limits.connections"));
}

}  // namespace
}  // namespace patchbay::supervisor
