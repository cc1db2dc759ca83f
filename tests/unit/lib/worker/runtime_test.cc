// A worker's life beside a supervisor that the test plays.
#include "lib/worker/runtime.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "lib/async/event.h"
#include "lib/async/spawn.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/worker/v1/supervision.grpc.pb.h"

namespace patchbay::worker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using v1::SupervisorOrder;
using v1::WorkerReport;
using SupervisorStream = rpc::ServerStream<WorkerReport, SupervisorOrder>;

class RuntimeTest : public ::testing::Test {
 protected:
  RuntimeTest()
      : runtime_(ForGood(new RuntimeImpl(io_, TheLaunch()))),
        supervisor_(ForGood(new rpc::Server(runtime_.reactor(), rpc::Role::kNone))) {
    supervisor_.SetVerifier(&verifier_);
    supervisor_.Register(service_);
    supervisor_.Bidi(service_, &v1::Supervision::AsyncService::RequestAttach,
                     [this](rpc::CallInfo call, std::shared_ptr<SupervisorStream> stream) -> Awaitable<Result<void>> {
                       return Attached(std::move(call), std::move(stream));
                     });
    PATCHBAY_CHECK(supervisor_.Start({listener_.fd}).ok());
  }

  // None of these is destroyed, as in a worker; kept within reach of the leak checker.
  template <class T>
  static T& ForGood(T* object) {
    static auto& kept = *new std::vector<void*>;
    kept.push_back(object);
    return *object;
  }

  Launch TheLaunch() {
    Launch launch;
    launch.name = "accounts";
    launch.generation = 3;
    launch.supervisor = "unix:" + listener_.path;
    launch.role_token = issuer_->Issue({.role = rpc::Role::kAccounts, .worker = "accounts", .generation = 3});
    return launch;
  }

  Awaitable<Result<void>> Attached(rpc::CallInfo, std::shared_ptr<SupervisorStream> stream) {
    stream_ = stream;
    WorkerReport report;
    while (co_await stream->Receive(report)) {
      Took(report);
      if (!report.has_hello()) continue;
      Order("configuration { revision: 1 state_dir: '/state' runtime_dir: '/run' }");
      SupervisorOrder peers;
      peers.mutable_peers()->set_token_issuer_key(issuer_->public_key());
      orders_.push_back(std::move(peers));
      for (const std::string& order : first_orders_) Order(order);
      async::Spawn(io_, "orders", SendOrders(stream));
    }
    stream_ = nullptr;
    ordered_.Notify();
    co_return Result<void>();
  }

  // One order at a time: gRPC takes no second before the first has left.
  Awaitable<void> SendOrders(std::shared_ptr<SupervisorStream> stream) {
    while (stream_) {
      while (!orders_.empty()) {
        const SupervisorOrder order = std::move(orders_.front());
        orders_.pop_front();
        if (!co_await stream->Send(order)) co_return;
      }
      co_await ordered_.Wait();
    }
  }

  void Order(const std::string& text) {
    PATCHBAY_CHECK(google::protobuf::TextFormat::ParseFromString(text, &orders_.emplace_back()));
    ordered_.Notify();
  }

  // What the worker reported, one word each; orders to answer them with.
  void Took(const WorkerReport& report) {
    switch (report.kind_case()) {
      case WorkerReport::kHello: reports_.push_back("hello " + report.hello().worker()); break;
      case WorkerReport::kReady: reports_.emplace_back("ready"); break;
      case WorkerReport::kDrained: reports_.emplace_back("drained"); break;
      case WorkerReport::kConfigurationApplied:
        reports_.push_back("applied " + std::to_string(report.configuration_applied().revision()));
        applied_ = report.configuration_applied();
        break;
      case WorkerReport::kStats: stats_ = report.stats(); break;
      default: break;
    }
    if (on_report_) on_report_(report);
  }

  // Lives the worker's whole life; gives its exit code.
  int Live(std::function<Result<void>(Runtime&)> build) {
    std::optional<int> code;
    asio::co_spawn(io_, runtime_.Live(std::move(build)), [&](std::exception_ptr exception, int exit) {
      EXPECT_FALSE(exception);
      code = exit;
      io_.stop();
    });
    io_.run_for(std::chrono::seconds(20));
    EXPECT_TRUE(code) << "the worker lives on";
    return code.value_or(-1);
  }

  testing::UnixListener listener_;
  std::unique_ptr<rpc::TokenIssuer> issuer_ = rpc::TokenIssuer::Create().value();
  rpc::TokenVerifier verifier_{issuer_->public_key()};
  asio::io_context& io_ = ForGood(new asio::io_context(1));
  RuntimeImpl& runtime_;
  v1::Supervision::AsyncService& service_ = ForGood(new v1::Supervision::AsyncService);
  rpc::Server& supervisor_;
  std::shared_ptr<SupervisorStream> stream_;
  std::vector<std::string> first_orders_;
  std::deque<SupervisorOrder> orders_;
  async::Event& ordered_ = ForGood(new async::Event(io_.get_executor()));
  std::vector<std::string> reports_;
  v1::Stats stats_;
  v1::ConfigurationApplied applied_;
  std::function<void(const WorkerReport&)> on_report_;
};

TEST_F(RuntimeTest, AttachesBuildsSaysThatItIsReadyAndDrainsWhenAsked) {
  std::string state_dir;
  on_report_ = [&](const WorkerReport& report) {
    if (report.has_ready()) Order("drain { deadline { seconds: 5 } }");
  };
  const int code = Live([&](Runtime& runtime) -> Result<void> {
    state_dir = runtime.state_dir();
    EXPECT_EQ(runtime.generation(), 3);
    return {};
  });
  EXPECT_EQ(code, kExitDrained);
  EXPECT_EQ(state_dir, "/state");
  EXPECT_THAT(reports_, ElementsAre("hello accounts", "ready", "drained"));
}

TEST_F(RuntimeTest, DrainsItsHooksBeforeItSaysThatItIsDrained) {
  on_report_ = [&](const WorkerReport& report) {
    if (report.has_ready()) Order("drain { deadline { seconds: 5 } }");
  };
  Live([&](Runtime& runtime) -> Result<void> {
    runtime.OnDrain([this, &runtime]() -> Awaitable<void> {
      EXPECT_TRUE(runtime.draining());
      reports_.emplace_back("hook");
      co_return;
    });
    return {};
  });
  EXPECT_THAT(reports_, ElementsAre("hello accounts", "ready", "hook", "drained"));
}

TEST_F(RuntimeTest, EndsWithTheCodeOfTheErrorThatItsBuildFoundAndIsNeverReady) {
  const int code =
      Live([](Runtime&) -> Result<void> { return Error(ErrorCode::kFailedPrecondition, "the database is damaged"); });
  EXPECT_EQ(code, kExitRefused);
  EXPECT_THAT(reports_, ElementsAre("hello accounts"));
}

TEST_F(RuntimeTest, AppliesAChangedConfigurationAndReportsItsRevision) {
  std::string level;
  on_report_ = [&](const WorkerReport& report) {
    if (report.has_ready()) Order("configuration { revision: 8 config { log { level: 'warn' } } }");
    if (report.has_configuration_applied()) Order("drain { deadline { seconds: 5 } }");
  };
  Live([&](Runtime& runtime) -> Result<void> {
    runtime.OnConfiguration([&](const config::v1::Config& config) {
      level = config.log().level();
      return Taken{.needs_restart = {"log.level"}, .new_files = {"frontend.tls.certificate"}};
    });
    return {};
  });
  EXPECT_EQ(level, "warn");
  EXPECT_THAT(reports_, Contains("applied 8"));
  EXPECT_THAT(applied_.needs_restart(), ElementsAre("log.level"));
  EXPECT_THAT(applied_.new_files(), ElementsAre("frontend.tls.certificate"));
}

TEST_F(RuntimeTest, TellsWhoLivesToAHookThatComesLateAndAgainWhenItChanges) {
  first_orders_ = {"alive { workers { name: 'frontend' newest_generation: 1 generations: 1 } }"};
  std::vector<std::int64_t> newest;
  const auto hook = [&](const v1::Alive& alive) {
    newest.push_back(alive.workers(0).newest_generation());
    if (newest.size() == 2) Order("drain { deadline { seconds: 5 } }");
  };
  Live([&](Runtime& runtime) -> Result<void> {
    // The first order comes after the first configuration, thus after `build`; whoever asks later gets what was told.
    runtime.OnAlive([&, asked = false](const v1::Alive&) mutable {
      if (std::exchange(asked, true)) return;
      asio::post(io_, [&] {
        runtime.OnAlive(hook);
        Order("alive { workers { name: 'frontend' newest_generation: 2 generations: 2 } }");
      });
    });
    return {};
  });
  EXPECT_THAT(newest, ElementsAre(1, 2));
}

TEST_F(RuntimeTest, CountsHandlersThatThrewAmongItsStats) {
  on_report_ = [&](const WorkerReport& report) {
    if (report.has_stats()) Order("drain { deadline { seconds: 5 } }");
  };
  Live([&](Runtime& runtime) -> Result<void> {
    runtime.OnStats([]() -> std::map<std::string, std::int64_t> { return {{"in_flight", 4}, {"cats", 9}}; });
    return {};
  });
  EXPECT_EQ(stats_.in_flight(), 4);
  EXPECT_EQ(stats_.counters().at("cats"), 9);
  EXPECT_EQ(stats_.counters().at("handler_failures_total"), 0);
}

TEST_F(RuntimeTest, IsOrphanedWhenTheSupervisorsStreamEnds) {
  bool orphaned = false;
  on_report_ = [&](const WorkerReport& report) {
    if (report.has_ready()) stream_->Cancel();
  };
  const int code = Live([&](Runtime& runtime) -> Result<void> {
    runtime.OnDrain([&]() -> Awaitable<void> {
      orphaned = runtime.orphaned();
      co_return;
    });
    return {};
  });
  EXPECT_TRUE(orphaned);
  EXPECT_EQ(code, kExitTemporary);
}

}  // namespace
}  // namespace patchbay::worker
