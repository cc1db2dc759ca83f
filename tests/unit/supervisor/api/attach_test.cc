#include "supervisor/api/attach.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "lib/testing/rpc_fixture.h"
#include "tests/unit/supervisor/probe.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using worker::v1::SupervisorOrder;
using worker::v1::WorkerReport;
using WorkerEnd = std::unique_ptr<rpc::Stream<WorkerReport, SupervisorOrder>>;

// A house of one process, which it may not know.
class OneProcess final : public AttachHost {
 public:
  Result<std::shared_ptr<Process>> FindProcess(const rpc::RoleClaim&) override {
    if (!process) return Error(ErrorCode::kPermissionDenied, "no such generation of this worker is running");
    return process;
  }
  worker::v1::Configuration ConfigurationOf(const Process&) override {
    worker::v1::Configuration order;
    order.set_revision(5);
    return order;
  }
  worker::v1::Peers PeersOf(const Process&) override {
    worker::v1::Peers order;
    order.set_token_issuer_key("key");
    return order;
  }
  worker::v1::Alive WhoLives() const override {
    worker::v1::Alive order;
    order.add_workers()->set_name("w");
    return order;
  }
  void OnReady(const std::shared_ptr<Process>& said_by) override { told.push_back("ready " + said_by->worker()); }
  void OnApplied(const std::shared_ptr<Process>& said_by) override {
    told.push_back("applied " + std::to_string(said_by->applied.revision()));
  }
  void OnEvents(const std::shared_ptr<Process>& said_by, const worker::v1::Events& events) override {
    told.push_back("events " + said_by->worker() + " " + std::to_string(events.events_size()));
  }

  std::shared_ptr<Process> process;
  std::vector<std::string> told;
};

// The worker's end, played by the test over a real socket; RpcFixture's tokens are those of worker "w", generation 3.
class AttachTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  AttachTest() : server_(reactor_), attach_(server_, host_) {
    server_.SetVerifier(&verifier_);
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
    ChildRequest request;
    request.executable = ProbePath();
    request.arguments = {"wait"};
    process_ = Process::Start(io_, clock_, logs_, request, {"w", 3, 0}).value();
    host_.process = process_;
  }
  void TearDown() override {
    process_->Kill();
    RunToEnd([this] { return Until([this] { return !process_->running(); }); });
    RunToEnd([this] { return server_.Drain(milliseconds(0)); });
  }

  WorkerEnd Call() {
    return rpc::OpenStream<WorkerReport, SupervisorOrder>(
        reactor_, [this](auto* context, auto* queue) { return stub_->PrepareAsyncAttach(context, queue); });
  }
  static WorkerReport Report(const std::string& text) {
    WorkerReport report;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
    return report;
  }
  WorkerReport Hello() {
    WorkerReport report =
        Report(R"(hello { worker: "w" generation: 3 api_versions: "patchbay.worker.v1" version: "1.2" })");
    report.mutable_hello()->set_pid(process_->pid());
    return report;
  }
  // How the supervisor ends an attachment that begins so.
  Awaitable<Result<void>> EndOf(WorkerReport first) {
    const WorkerEnd worker = Call();
    co_await worker->Send(first);
    SupervisorOrder order;
    while (co_await worker->Receive(order)) {
    }
    co_return co_await worker->Finish();
  }
  // Until what another coroutine does has happened.
  Awaitable<void> Until(std::function<bool()> done) {
    asio::steady_timer pause(io_);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < limit) {
      pause.expires_after(std::chrono::milliseconds(1));
      co_await pause.async_wait(asio::use_awaitable);
    }
    EXPECT_TRUE(done());
  }

  SystemClock clock_;
  LogHub logs_{io_};
  OneProcess host_;
  rpc::Server server_;
  AttachService attach_;
  std::unique_ptr<worker::v1::Supervision::Stub> stub_ =
      worker::v1::Supervision::NewStub(ChannelAs(rpc::Role::kFrontend));
  std::shared_ptr<Process> process_;
};

TEST_F(AttachTest, TellsTheConfigurationThePeersAndWhoLivesAndThenWhatComes) {
  RunToEnd([this]() -> Awaitable<void> {
    const WorkerEnd worker = Call();
    co_await worker->Send(Hello());
    std::vector<SupervisorOrder::KindCase> kinds;
    SupervisorOrder order;
    while (kinds.size() < 3) {
      const bool more = co_await worker->Receive(order);
      if (!more) break;
      kinds.push_back(order.kind_case());
    }
    EXPECT_THAT(kinds, ElementsAre(SupervisorOrder::kConfiguration, SupervisorOrder::kPeers, SupervisorOrder::kAlive));
    EXPECT_EQ(process_->version, "1.2");
    order.mutable_log_level()->set_level("debug");
    process_->link->Push(order);
    order.Clear();
    co_await worker->Receive(order);
    EXPECT_EQ(order.log_level().level(), "debug");
  });
}

TEST_F(AttachTest, PassesOnWhatTheWorkerReports) {
  RunToEnd([this]() -> Awaitable<void> {
    const WorkerEnd worker = Call();
    co_await worker->Send(Hello());
    // Among them an unknown one, one that says no more than its exit will, and a repeated one.
    const std::vector<std::string> reports = {
        "",           "ready {}", "stats { in_flight: 7 }",        "configuration_applied { revision: 6 }",
        "drained {}", "hello {}", "events { events {} events {} }"};
    for (const std::string& text : reports) {
      co_await worker->Send(Report(text));
    }
    co_await Until([this] { return host_.told.size() == 3; });
    EXPECT_THAT(host_.told, ElementsAre("ready w", "applied 6", "events w 2"));
    EXPECT_EQ(process_->stats.in_flight(), 7);
  });
}

TEST_F(AttachTest, RefusesWhoeverIsNotTheProcessThatItsTokenSpeaksFor) {
  struct Case {
    std::string first;
    ErrorCode code;
    std::string why;
  };
  const std::vector<Case> cases = {{"ready {}", ErrorCode::kInvalidArgument, "must be Hello"},
                                   {R"(hello { worker: "v" generation: 3 api_versions: "patchbay.worker.v1" })",
                                    ErrorCode::kPermissionDenied, "another worker's"},
                                   {R"(hello { worker: "w" generation: 4 api_versions: "patchbay.worker.v1" })",
                                    ErrorCode::kPermissionDenied, "another worker's"},
                                   {R"(hello { worker: "w" generation: 3 api_versions: "patchbay.worker.v9" })",
                                    ErrorCode::kInvalidArgument, "api_versions must name patchbay.worker.v1"}};
  RunToEnd([&, this]() -> Awaitable<void> {
    for (const Case& one : cases) {
      const Result<void> end = co_await EndOf(Report(one.first));
      EXPECT_FALSE(end.ok()) << one.first;
      if (end.ok()) continue;
      EXPECT_EQ(end.error().code, one.code) << one.first;
      EXPECT_THAT(end.error().message, HasSubstr(one.why));
    }
    EXPECT_FALSE(process_->has_attached) << "a refused one does not use up the process's attachment";
    host_.process = nullptr;
    const Result<void> unknown = co_await EndOf(Hello());
    EXPECT_EQ(unknown.error().code, ErrorCode::kPermissionDenied);
  });
}

TEST_F(AttachTest, LetsAGenerationAttachOnce) {
  RunToEnd([this]() -> Awaitable<void> {
    const WorkerEnd worker = Call();
    co_await worker->Send(Hello());
    SupervisorOrder order;
    co_await worker->Receive(order);
    const Result<void> second = co_await EndOf(Hello());
    EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
    EXPECT_NE(process_->link, nullptr) << "the first is not disturbed";
  });
}

TEST_F(AttachTest, TakesAWrapperScriptForItsWorker) {
  RunToEnd([this]() -> Awaitable<void> {
    const WorkerEnd worker = Call();
    WorkerReport hello = Hello();
    hello.mutable_hello()->set_pid(1);
    co_await worker->Send(hello);
    SupervisorOrder order;
    const bool admitted = co_await worker->Receive(order);
    EXPECT_TRUE(admitted);
  });
}

TEST_F(AttachTest, StopsAProcessThatGoesOnWithoutItsStream) {
  RunToEnd([this]() -> Awaitable<void> {
    const WorkerEnd worker = Call();
    co_await worker->Send(Hello());
    SupervisorOrder order;
    co_await worker->Receive(order);
    co_await worker->CloseSend();
    while (co_await worker->Receive(order)) {
    }
    const Result<void> end = co_await worker->Finish();
    EXPECT_TRUE(end.ok()) << end.error().message;
    EXPECT_EQ(process_->link, nullptr);
    co_await Until([this] { return !process_->running(); });
  });
}

}  // namespace
}  // namespace patchbay::supervisor
