#include "supervisor/api/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/time/proto_time.h"
#include "tests/unit/supervisor/house.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::seconds;

TEST(StatusToProto, ShowsEveryPhaseAndHidesItsRefinements) {
  const std::pair<Phase, admin::v1::WorkerState> cases[] = {{Phase::kDown, admin::v1::WORKER_STATE_DOWN},
                                                            {Phase::kStarting, admin::v1::WORKER_STATE_STARTING},
                                                            {Phase::kReady, admin::v1::WORKER_STATE_READY},
                                                            {Phase::kReplacing, admin::v1::WORKER_STATE_READY},
                                                            {Phase::kDraining, admin::v1::WORKER_STATE_DRAINING},
                                                            {Phase::kRecycling, admin::v1::WORKER_STATE_DRAINING},
                                                            {Phase::kBackingOff, admin::v1::WORKER_STATE_BACKING_OFF},
                                                            {Phase::kFailed, admin::v1::WORKER_STATE_FAILED}};
  ASSERT_EQ(std::size(cases), std::size(kAllPhases));
  for (const auto& [phase, state] : cases) EXPECT_EQ(ToProto(phase), state) << ToString(phase);
}

TEST(StatusToProto, TellsTheAnswersToAReloadApart) {
  using Kind = WorkerAnswer::Kind;
  EXPECT_EQ(ToProto(Kind::kApplied), admin::v1::RELOAD_OUTCOME_APPLIED);
  EXPECT_EQ(ToProto(Kind::kRefused), admin::v1::RELOAD_OUTCOME_REFUSED);
  EXPECT_EQ(ToProto(Kind::kNeedsRestart), admin::v1::RELOAD_OUTCOME_NEEDS_RESTART);
  EXPECT_EQ(ToProto(Kind::kNoAnswer), admin::v1::RELOAD_OUTCOME_NO_ANSWER);
}

class StatusTest : public HouseTest {
 protected:
  admin::v1::Worker Describe(const std::string& name) { return DescribeWorker(SlotOf(name), clock_); }
};

TEST_F(StatusTest, DescribesAProcessByWhatItIsAndWhatItReported) {
  Begin({Worker("accounts")});
  ASSERT_TRUE(RunUntil([&] { return !logs_.Tail("accounts", 1).empty(); }));  // its own program runs
  SayReady("accounts");
  const auto process = Newest("accounts");
  process->version = "1.2.3";
  process->stats.set_in_flight(4);
  process->stats.set_served_total(5);
  (*process->stats.mutable_counters())["leases"] = 6;
  clock_.ahead = seconds(100);
  const admin::v1::Worker worker = Describe("accounts");
  EXPECT_EQ(worker.name(), "accounts");
  EXPECT_EQ(worker.state(), admin::v1::WORKER_STATE_READY);
  EXPECT_EQ(worker.pid(), process->pid());
  EXPECT_EQ(worker.generation(), 1);
  EXPECT_EQ(worker.restarts(), 0);
  EXPECT_EQ(worker.version(), "1.2.3");
  EXPECT_EQ(worker.in_flight(), 4);
  EXPECT_EQ(worker.served_total(), 5);
  EXPECT_EQ(worker.counters().at("leases"), 6);
  EXPECT_GE(worker.uptime().seconds(), 100);
  EXPECT_GT(worker.rss_bytes(), 0) << "of a living process";
  EXPECT_FALSE(worker.has_next_start_at());
}

TEST_F(StatusTest, SaysWhyAWorkerIsNotThereAndWhenItComesBack) {
  Configure("server: {backoff_initial: 60s, backoff_max: 60s}\n");
  WorkerSpec failing = Worker("accounts");
  failing.arguments = {"exit", "70"};
  Begin({failing});
  ASSERT_TRUE(RunUntil([&] { return SlotOf("accounts").phase() == Phase::kBackingOff; }));
  const admin::v1::Worker worker = Describe("accounts");
  EXPECT_EQ(worker.state(), admin::v1::WORKER_STATE_BACKING_OFF);
  EXPECT_EQ(worker.pid(), 0);
  EXPECT_EQ(worker.generation(), 1) << "the last that there was";
  EXPECT_EQ(worker.last_exit(), "exit 70 (our bug)");
  EXPECT_GT(ToWallTime(worker.next_start_at()), clock_.Now());
  EXPECT_FALSE(worker.has_uptime());
}

TEST_F(StatusTest, ShowsTheHouse) {
  Begin({Worker("accounts"), Worker("upstream")});
  admin::v1::GetStatusReply reply = DescribeAll(*house_);
  EXPECT_FALSE(reply.ready());
  SayReady("accounts");
  EXPECT_FALSE(DescribeAll(*house_).ready()) << "one core worker is missing";
  SayReady("upstream");
  reply = DescribeAll(*house_);
  EXPECT_TRUE(reply.ready());
  EXPECT_EQ(reply.pid(), getpid());
  ASSERT_EQ(reply.workers_size(), 2);
  EXPECT_EQ(reply.workers(0).name() + " " + reply.workers(1).name(), "accounts upstream");
  EXPECT_EQ(reply.state_dir(), (scratch_.path() / "state").string());
  EXPECT_EQ(reply.runtime_dir(), scratch_.path().string());
  EXPECT_EQ(reply.config_file(), config_file_.string());
  EXPECT_EQ(reply.config_revision(), 1);
  EXPECT_EQ(ToWallTime(reply.started_at()), house_->started_at());
}

TEST_F(StatusTest, IsNotReadyWhileItStops) {
  Begin({Worker("accounts")});
  SayReady("accounts");
  ASSERT_TRUE(DescribeAll(*house_).ready());
  house_->Shutdown("the test");
  EXPECT_FALSE(DescribeAll(*house_).ready());
}

AddressSpec Address(const std::string& name, const std::string& address, const std::string& worker) {
  AddressSpec spec;
  spec.name = name;
  spec.address = address;
  spec.worker = worker;
  return spec;
}

TEST_F(StatusTest, ListsTheListenersThatThereAre) {
  // Somebody else's, so that ours cannot be opened.
  SocketSet others;
  ASSERT_TRUE(others.OpenAddress(Address("x", "127.0.0.1:0", "")).ok());
  Manifest manifest;
  manifest.workers = {Worker("frontend"), Worker("ollama")};
  manifest.addresses = {Address("http", "127.0.0.1:0", "frontend"),
                        Address("ollama", others.Find("x")->address, "ollama")};
  Begin(std::move(manifest));
  for (const std::string name : {"frontend", "ollama"}) {  // what was started is there to be ended
    ASSERT_TRUE(RunUntil([&] { return Newest(name) == nullptr || !logs_.Tail(name, 1).empty(); })) << name;
  }
  const admin::v1::GetStatusReply reply = DescribeAll(*house_);
  ASSERT_EQ(reply.listeners_size(), 2) << "what could not be opened is not there";
  EXPECT_EQ(reply.listeners(0).name(), "http");
  EXPECT_EQ(reply.listeners(0).protocol(), "http");
  EXPECT_EQ(reply.listeners(0).worker(), "frontend");
  EXPECT_THAT(reply.listeners(0).address(), ::testing::MatchesRegex("127.0.0.1:[1-9][0-9]*")) << "the real port";
  EXPECT_EQ(reply.listeners(1).name(), "admin");
  EXPECT_EQ(reply.listeners(1).protocol(), "grpc");
  EXPECT_EQ(reply.listeners(1).address(), "unix:" + (scratch_.path() / "admin.sock").string());
}

TEST_F(StatusTest, SaysOfTheGatewaysListenerWhetherItIsServed) {
  Manifest manifest;
  manifest.workers = {Worker("frontend")};
  manifest.addresses = {Address("gateway", "127.0.0.1:0", "frontend")};
  manifest.addresses.front().setting = "gateway.listen";
  Begin(std::move(manifest));
  ASSERT_TRUE(RunUntil([&] { return !logs_.Tail("frontend", 1).empty(); }));
  SayReady("frontend");
  const auto protocol = [&] { return DescribeAll(*house_).listeners(0).protocol(); };
  EXPECT_EQ(protocol(), "grpcs") << "nothing was said of it";
  auto& counters = *Newest("frontend")->stats.mutable_counters();
  counters["gateway_serving"] = 0;
  EXPECT_EQ(protocol(), "grpcs, not served");
  counters["gateway_serving"] = 1;
  EXPECT_EQ(protocol(), "grpcs");
}

}  // namespace
}  // namespace patchbay::supervisor
