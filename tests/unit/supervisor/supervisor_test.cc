#include "supervisor/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/supervisor/house.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SupervisorTest : public HouseTest {
 protected:
  // Every child has installed its signal handler.
  void WaitForWords(std::size_t words) {
    ASSERT_TRUE(RunUntil([&] { return logs_.Tail("", 100).size() >= words; }));
  }
  void RunToItsEnd() {
    const auto limit = std::chrono::steady_clock::now() + seconds(30);
    while (!io_.stopped() && std::chrono::steady_clock::now() < limit) io_.run_one_for(milliseconds(100));
    EXPECT_TRUE(io_.stopped());
  }
  std::vector<std::string> PeersTold(const std::string& name) {
    std::vector<std::string> roles;
    const worker::v1::Peers told = house_->PeersOf(*SlotOf(name).current());
    for (const auto& peer : told.peers()) roles.push_back(peer.role());
    return roles;
  }
};

TEST_F(SupervisorTest, IsReadyWithoutTheWorkersThatAreNotCore) {
  WorkerSpec extra = Worker("extra");
  extra.core = false;
  Begin({Worker("accounts"), Worker("frontend"), extra});
  SayReady("accounts");
  EXPECT_FALSE(house_->Ready());
  SayReady("frontend");
  EXPECT_TRUE(house_->Ready());
  io_.poll();
  EXPECT_TRUE(house_->told_ready());
}

TEST_F(SupervisorTest, DrainsThoseWhoFaceClientsBeforeTheOthers) {
  WorkerSpec frontend = Worker("frontend");
  frontend.faces_clients = true;
  Begin({Worker("accounts"), frontend});
  WaitForWords(2);
  for (const char* name : {"accounts", "frontend"}) SayReady(name);
  Attach(Newest("frontend"));  // it is asked by an order, which nobody carries out yet
  house_->Shutdown("the test");
  ASSERT_TRUE(RunUntil([&] { return SlotOf("frontend").phase() == Phase::kDraining; }));
  io_.run_for(milliseconds(30));
  EXPECT_EQ(SlotOf("accounts").phase(), Phase::kReady) << "it is needed until the last stream has ended";
  kill(SlotOf("frontend").current()->pid(), SIGTERM);
  RunToItsEnd();
  EXPECT_TRUE(SlotOf("accounts").gone());
  EXPECT_FALSE(house_->refusal());
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "admin.sock")) << "its sockets' files go with it";
}

TEST_F(SupervisorTest, HurriesWhenItIsAskedToStopAgain) {
  Configure("server: {drain_timeout: 60s}\n");
  Begin({Worker("accounts")});
  WaitForWords(1);
  SayReady("accounts");
  Attach(Newest("accounts"));
  house_->Shutdown("the test");
  ASSERT_TRUE(RunUntil([&] { return SlotOf("accounts").phase() == Phase::kDraining; }));
  house_->Shutdown("impatience");
  RunToItsEnd();  // long before the minute is over
  EXPECT_TRUE(SlotOf("accounts").gone());
}

TEST_F(SupervisorTest, GivesUpWithACoreWorkerThatRefusesToStart) {
  WorkerSpec refusing = Worker("accounts");
  refusing.arguments = {"exit", "78"};
  Begin({refusing, Worker("upstream")});
  RecordMaker maker({"accounts", 1, 1});
  logs_.Line(maker, R"({"ts":"t","event":"worker.start_failed","error":"the database is damaged"})");
  RunToItsEnd();
  ASSERT_TRUE(house_->refusal());
  EXPECT_EQ(house_->refusal()->code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(house_->refusal()->where, "accounts");
  EXPECT_EQ(house_->refusal()->message, "the database is damaged") << "its own words say more than its exit code";
}

TEST_F(SupervisorTest, GoesOnWithoutAnotherWorkerThatRefusesToStart) {
  WorkerSpec refusing = Worker("extra");
  refusing.arguments = {"exit", "78"};
  refusing.core = false;
  Begin({refusing, Worker("accounts")});
  ASSERT_TRUE(RunUntil([&] { return SlotOf("extra").restarts() > 0; }));
  EXPECT_FALSE(house_->stopping());
  EXPECT_FALSE(house_->refusal());
  EXPECT_THAT(SlotOf("extra").last_exit(), HasSubstr("exit 78"));
}

class SwitchTest : public SupervisorTest {
 protected:
  void SetUp() override {
    bridge_.worker.core = false;
    bridge_.worker.enabled_setting = bridge_.address.enabled_setting = "ollama.enabled";
    bridge_.address.name = bridge_.address.worker = "ollama";
    bridge_.address.setting = "ollama.listen";
  }
  void BeginWith(const std::string& ollama) {
    Configure(ollama);
    Begin(
        Manifest{.workers = {Worker("accounts"), bridge_.worker}, .addresses = {bridge_.address}, .unix_sockets = {}});
  }
  void Switch(const std::string& ollama) {
    Configure(ollama);
    auto loaded = house_->ReadConfiguration();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    const config::v1::Config before = house_->config();
    house_->Enforce(std::move(loaded).value());
    house_->FollowSettings(before);
  }
  Phase BridgePhase() { return SlotOf("ollama").phase(); }

  struct {
    WorkerSpec worker = Worker("ollama");
    AddressSpec address;
  } bridge_;
  const std::string on_ = "ollama: {enabled: true, listen: \"127.0.0.1:0\"}\n";
  const std::string off_ = "ollama: {enabled: false, listen: \"127.0.0.1:0\"}\n";
};

TEST_F(SwitchTest, StartsAWorkerThatIsSwitchedOnAndListensForIt) {
  BeginWith(off_);
  SayReady("accounts");
  EXPECT_EQ(BridgePhase(), Phase::kDown);
  EXPECT_EQ(sockets_.Find("ollama"), nullptr);
  EXPECT_TRUE(house_->Ready());
  Switch(on_);
  EXPECT_EQ(BridgePhase(), Phase::kStarting);
  ASSERT_NE(sockets_.Find("ollama"), nullptr);
  SayReady("ollama");
  EXPECT_EQ(BridgePhase(), Phase::kReady);
}

TEST_F(SwitchTest, EndsAWorkerThatIsSwitchedOffAndLetsGoOfItsAddress) {
  BeginWith(on_);
  SayReady("ollama");
  WaitForWords(2);
  Switch(off_);
  EXPECT_EQ(BridgePhase(), Phase::kDraining);
  EXPECT_EQ(sockets_.Find("ollama"), nullptr);
  Newest("ollama")->Kill();
  ASSERT_TRUE(RunUntil([&] { return SlotOf("ollama").gone(); }));
  EXPECT_EQ(SlotOf("ollama").last_generation(), 1);
}

TEST_F(SwitchTest, BringsBackAWorkerThatStillDrains) {
  BeginWith(on_);
  SayReady("ollama");
  WaitForWords(2);
  Switch(off_);
  Switch(on_);
  ASSERT_NE(sockets_.Find("ollama"), nullptr);
  Newest("ollama")->Kill();
  ASSERT_TRUE(RunUntil([&] { return SlotOf("ollama").last_generation() == 2 && Newest("ollama") != nullptr; }));
  EXPECT_EQ(BridgePhase(), Phase::kStarting);
}

TEST_F(SwitchTest, LeavesAWorkerAloneThatAnOperatorDrained) {
  BeginWith(on_);
  SayReady("ollama");
  SlotOf("ollama").Drain(milliseconds(0));
  Newest("ollama")->Kill();
  ASSERT_TRUE(RunUntil([&] { return SlotOf("ollama").gone(); }));
  Switch(on_ + "log: {level: debug}\n");
  EXPECT_EQ(BridgePhase(), Phase::kDown);
}

TEST_F(SupervisorTest, KnowsItsWorkersByTheirProcessIds) {
  Begin({Worker("accounts")});
  const auto process = Newest("accounts");
  EXPECT_TRUE(house_->IsWorkerProcess(process->pid()));
  EXPECT_FALSE(house_->IsWorkerProcess(getpid()));
  EXPECT_FALSE(house_->IsWorkerProcess(-1));
  process->Kill();
  ASSERT_TRUE(RunUntil([&] { return !process->running(); }));
  EXPECT_FALSE(house_->IsWorkerProcess(process->pid()));
}

TEST_F(SupervisorTest, KnowsOnlyGenerationsThatLive) {
  Begin({Worker("accounts")});
  const auto found = house_->FindProcess({rpc::Role::kAccounts, "accounts", 1});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, Newest("accounts"));
  for (const rpc::RoleClaim& claim :
       {rpc::RoleClaim{rpc::Role::kAccounts, "accounts", 2}, rpc::RoleClaim{rpc::Role::kAccounts, "nobody", 1}}) {
    EXPECT_EQ(house_->FindProcess(claim).error().code, ErrorCode::kPermissionDenied) << claim.worker;
  }
}

TEST_F(SupervisorTest, ShowsAWorkerItsOwnSectionsAndPeersThatThereAre) {
  Configure("frontend: {limits: {connections: 7}}\n");
  WorkerSpec frontend = Worker("frontend");
  frontend.peers = {"accounts", "upstream"};
  ASSERT_TRUE(sockets_.OpenUnix("accounts.sock", scratch_.path()).ok());
  Begin({frontend, Worker("accounts")});
  const auto of_frontend = house_->ConfigurationOf(*Newest("frontend"));
  EXPECT_EQ(of_frontend.revision(), 1);
  EXPECT_EQ(of_frontend.config().frontend().limits().connections(), 7);
  EXPECT_FALSE(of_frontend.config().has_accounts());
  EXPECT_EQ(of_frontend.state_dir(), (scratch_.path() / "state").string());
  EXPECT_FALSE(house_->ConfigurationOf(*Newest("accounts")).config().has_frontend());
  EXPECT_THAT(PeersTold("frontend"), ElementsAre("accounts")) << "upstream has no socket here";
  EXPECT_THAT(PeersTold("accounts"), IsEmpty());
  EXPECT_EQ(house_->PeersOf(*Newest("accounts")).token_issuer_key(), issuer_->public_key());
}

TEST_F(SupervisorTest, TakesEventsOfWorkersThatFaceNoClients) {
  WorkerSpec frontend = Worker("frontend");
  frontend.faces_clients = true;
  Begin({Worker("accounts"), frontend});
  std::vector<std::string> heard;
  house_->events().Listen([&](const SeenEvent& seen) { heard.push_back(seen.worker + " " + seen.event.account()); });
  worker::v1::Events events;
  events.add_events()->set_account("acc_1");
  events.set_lost(2);
  house_->OnEvents(Newest("frontend"), events);
  house_->OnEvents(Newest("accounts"), events);
  EXPECT_THAT(heard, ElementsAre("accounts acc_1"));
  EXPECT_EQ(house_->events().ring().newest(), 1);
}

TEST_F(SupervisorTest, TellsEveryAttachedWorkerWhoLives) {
  Begin({Worker("accounts"), Worker("frontend")});
  io_.poll();
  Attach(Newest("accounts"));
  SayReady("frontend");
  house_->FindSlot("frontend")->Restart();
  io_.poll();
  const auto orders = Orders("accounts");
  ASSERT_EQ(orders.size(), 1u);
  ASSERT_EQ(orders[0].alive().workers_size(), 2);
  const auto& frontend = orders[0].alive().workers(1);
  EXPECT_EQ(frontend.name(), "frontend");
  EXPECT_EQ(frontend.newest_generation(), 2);
  EXPECT_THAT(frontend.generations(), ElementsAre(1, 2));
}

}  // namespace
}  // namespace patchbay::supervisor
