// The gateway's gRPC face over a real Unix socket, before an engine between fakes.
#include "workers/frontend/gateway/gateway_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/rpc/server.h"
#include "lib/testing/configured.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"
#include "tests/unit/workers/frontend/engine/engine_testing.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::Gateway;
using gateway::v1::GenerateReply;
using ReplyReader = rpc::ServerStreamReader<GenerateReply>;

class GatewayServiceTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  GatewayServiceTest() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    service_.RegisterOn(server_);
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }
  // Calls end before what serves them goes.
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }

  // A call's replies, until `enough` of them or the end; then how it ended.
  Awaitable<Result<void>> Generate(std::vector<GenerateReply>* replies, std::size_t enough = 1000) {
    const auto stub = Gateway::NewStub(ChannelAs(role_));
    const auto call = FromText<gateway::v1::GenerateCall>(R"pb(request { model: "client-model" })pb");
    const auto reader = co_await ReplyReader::Open(reactor_, [&](auto* context, auto* queue, void* tag) {
      return stub->AsyncGenerate(context, call, queue, tag);
    });
    GenerateReply reply;
    while (replies->size() < enough) {
      const bool more = co_await reader->Receive(reply);
      if (!more) break;
      replies->push_back(reply);
    }
    if (replies->size() >= enough) reader->Cancel();
    co_return co_await reader->Finish();
  }
  Awaitable<Result<gateway::v1::ListModelsReply>> ListModels() {
    const auto stub = Gateway::NewStub(ChannelAs(role_));
    const gateway::v1::ListModelsRequest request;
    co_return co_await rpc::Unary<gateway::v1::ListModelsReply>(
        reactor_, std::chrono::seconds(10),
        [&](auto* context, auto* queue) { return stub->AsyncListModels(context, request, queue); });
  }

  testing::FakeTime time_;
  FakeLeaser leaser_;
  FakeUpstream upstream_{io_};
  Engine engine_{time_, leaser_, upstream_};
  GatewayCalls calls_{io_.get_executor(), time_, engine_, SettingsFrom(testing::Configured())};
  ModelCatalog catalog_{io_.get_executor(), [](std::string) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                          co_return accounts::v1::ResolveModelReply();
                        }};
  // "good" is a key, and no other.
  GatewayCallers callers_{[](std::vector<std::string> presented) -> Awaitable<Result<ClientKey>> {
    if (presented.front() != "good") co_return Error(ErrorCode::kUnauthenticated, "the client key is not valid");
    co_return ClientKey{.id = "key_1", .name = "ci"};
  }};
  GatewayService service_{callers_, calls_, catalog_};
  rpc::Server server_;
  rpc::Role role_ = rpc::Role::kOllama;
};

TEST_F(GatewayServiceTest, StreamsACallOfTheRoleThatItsTokenProves) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  RunToEnd([this]() -> Awaitable<void> {
    std::vector<GenerateReply> replies;
    const Result<void> end = co_await Generate(&replies);
    EXPECT_TRUE(end.ok()) << end.error().message;
    EXPECT_TRUE(!replies.empty() && replies.back().has_timings());
  });
  ASSERT_EQ(leaser_.acquired.size(), 1u);
  EXPECT_EQ(leaser_.acquired[0].client_key_id(), "worker:ollama");
}

TEST_F(GatewayServiceTest, RefusesByTheStatusOfTheCall) {
  leaser_.WillDeny(accounts::v1::DENY_REASON_UNKNOWN_MODEL);
  RunToEnd([this]() -> Awaitable<void> {
    std::vector<GenerateReply> replies;
    const Result<void> end = co_await Generate(&replies);
    EXPECT_EQ(end.ok() ? ErrorCode::kInternal : end.error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(replies.empty());
  });
}

TEST_F(GatewayServiceTest, CancelsTheProviderWhenTheCallerLeaves) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText}, /*then_silent=*/true);
  RunToEnd([this]() -> Awaitable<void> {
    std::vector<GenerateReply> replies;
    const Result<void> end = co_await Generate(&replies, 1);
    EXPECT_FALSE(end.ok());
    asio::steady_timer pause(io_);
    for (int i = 0; i < 1000 && leaser_.settled.empty(); ++i) {
      pause.expires_after(std::chrono::milliseconds(5));
      co_await pause.async_wait(asio::use_awaitable);
    }
  });
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
  ASSERT_EQ(leaser_.settled.size(), 1u);
  EXPECT_EQ(leaser_.settled[0].outcome(), accounts::v1::OUTCOME_ABANDONED);
}

TEST_F(GatewayServiceTest, ListsTheModelsThatAreToBeSeen) {
  catalog_.Put(FromText<accounts::v1::ListModelsReply>(R"pb(
    models {
      id: "m-1"
      provider: "codex"
      display_name: "M 1"
      context_window: 1000
      vision: true
      tools: true
      reasoning_efforts: "low"
      reasoning_efforts: "high"
      created_at { seconds: 7 }
    }
    models { id: "m-hidden" hidden: true }
    models { id: "m-2" })pb"));
  RunToEnd([this]() -> Awaitable<void> {
    const auto reply = co_await ListModels();
    EXPECT_TRUE(reply.ok());
    if (!reply.ok()) co_return;
    EXPECT_EQ(reply->ShortDebugString(), FromText<gateway::v1::ListModelsReply>(R"pb(
                                           models {
                                             id: "m-1"
                                             provider: "codex"
                                             display_name: "M 1"
                                             context_window: 1000
                                             vision: true
                                             tools: true
                                             reasoning_efforts: "low"
                                             reasoning_efforts: "high"
                                             created_at { seconds: 7 }
                                           }
                                           models { id: "m-2" })pb")
                                             .ShortDebugString());
  });
}

TEST_F(GatewayServiceTest, SaysThatThereIsNoListOfModels) {
  RunToEnd([this]() -> Awaitable<void> {
    const auto reply = co_await ListModels();
    EXPECT_EQ(reply.ok() ? ErrorCode::kInternal : reply.error().code, ErrorCode::kUnavailable);
  });
}

TEST_F(GatewayServiceTest, IsNotForThoseWhoHaveNothingToAskOfAModel) {
  role_ = rpc::Role::kUpstream;
  RunToEnd([this]() -> Awaitable<void> {
    std::vector<GenerateReply> replies;
    const Result<void> end = co_await Generate(&replies);
    EXPECT_EQ(end.error().code, ErrorCode::kPermissionDenied);
    const auto models = co_await ListModels();
    EXPECT_EQ(models.error().code, ErrorCode::kPermissionDenied);
  });
  EXPECT_TRUE(leaser_.acquired.empty());
}

}  // namespace
}  // namespace patchbay::frontend
