#include "workers/frontend/peers/readiness.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "workers/frontend/peers/reachable.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A connection to accounts on which nothing is said.
class SilentStream final : public LeaseStream {
 public:
  explicit SilentStream(asio::io_context& io) : end_(std::make_shared<async::Event>(io.get_executor())) {}
  Awaitable<bool> Send(const accounts::v1::LeaseRequests&) override { co_return true; }
  Awaitable<bool> CloseSend() override { co_return true; }
  Awaitable<bool> Receive(accounts::v1::LeaseReplies&) override {
    const auto end = end_;
    co_await end->Wait();
    co_return false;
  }
  Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
  void Cancel() override { end_->Notify(); }

 private:
  std::shared_ptr<async::Event> end_;
};

class ReadinessTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  ReadinessTest() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }
  // Calls end before what serves them goes.
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }

  std::shared_ptr<grpc::Channel> ToNobody() {
    return rpc::MakeChannel("unix:" + listener_.path + ".nobody", Secret("token"));
  }

  // Why not, as a probe is told.
  Awaitable<std::vector<std::string>> Reasons(std::shared_ptr<grpc::Channel> upstream) {
    const Readiness readiness = ReadinessOf(reactor_, std::move(upstream), leases_, auth_, models_);
    co_return co_await readiness();
  }
  void Apply(const std::string& text) {
    accounts::v1::ClientKeyUpdate update;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &update));
    auth_.Apply(update);
  }

  rpc::Server server_;
  LeaseClient leases_{io_.get_executor(), [this]() -> Awaitable<std::unique_ptr<LeaseStream>> {
                        co_return std::make_unique<SilentStream>(io_);
                      }};
  SystemClock clock_;
  ClientAuth auth_{io_.get_executor(), clock_};
  ModelCatalog models_{io_.get_executor(), [](std::string) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                         co_return accounts::v1::ResolveModelReply();
                       }};
};

TEST_F(ReadinessTest, SaysWhetherAPeerIsReachable) {
  RunToEnd([this]() -> Awaitable<void> {
    const bool there = co_await IsReachable(reactor_, ChannelAs(rpc::Role::kFrontend));
    EXPECT_TRUE(there);
    const auto begin = std::chrono::steady_clock::now();
    const bool nobody = co_await IsReachable(reactor_, ToNobody());
    EXPECT_FALSE(nobody);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, kReachableWait) << "it may be starting";
  });
}

TEST_F(ReadinessTest, NamesEverythingThatIsMissing) {
  RunToEnd([this]() -> Awaitable<void> {
    const auto reasons = co_await Reasons(ToNobody());
    EXPECT_THAT(reasons, ElementsAre("upstream is not reachable", "accounts is not reachable",
                                     "the client keys are not known yet", "no account serves any model"));
  });
}

TEST_F(ReadinessTest, IsReadyOnceAClientCouldBeServed) {
  async::Spawn(io_, "leases", leases_.Run());
  RunToEnd([this]() -> Awaitable<void> {
    const auto upstream = ChannelAs(rpc::Role::kFrontend);
    auth_.BeginSet();
    Apply("synced: true");
    accounts::v1::ListModelsReply list;
    models_.Put(list);
    auto reasons = co_await Reasons(upstream);
    EXPECT_THAT(reasons, ElementsAre("there is no client key", "no account serves any model"))
        << "an empty list is none";
    Apply("upsert { id: 'ck_1' secrets { sha256: 'hash' } }");
    list.add_models()->set_id("m");
    models_.Put(list);
    reasons = co_await Reasons(upstream);
    EXPECT_THAT(reasons, IsEmpty());
    leases_.Stop();
  });
}

}  // namespace
}  // namespace patchbay::frontend
