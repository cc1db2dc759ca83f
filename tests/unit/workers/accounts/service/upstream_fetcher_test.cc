#include "workers/accounts/service/upstream_fetcher.h"

#include <gtest/gtest.h>

#include <optional>

#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"

namespace patchbay::accounts {
namespace {

using namespace std::string_literals;

using upstream::v1::FetchReply;
using upstream::v1::FetchRequest;
using upstream::v1::Upstream;

// An upstream worker that the test plays, behind a real Unix socket.
class UpstreamFetcherTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  UpstreamFetcherTest() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    server_.Register(service_);
    server_.Unary(service_, &Upstream::AsyncService::RequestFetch,
                  [this](rpc::CallInfo, FetchRequest request) -> Awaitable<Result<FetchReply>> {
                    asked_ = std::move(request);
                    co_return answer_;
                  });
  }
  // Calls end before what serves them goes.
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }

  void Listen() { PATCHBAY_CHECK(server_.Start({listener_.fd}).ok()); }
  std::unique_ptr<Fetcher> FetcherAs(rpc::Role role) { return MakeUpstreamFetcher(reactor_, ChannelAs(role)); }
  Result<FetchAnswer> Await(Awaitable<Result<FetchAnswer>> fetch) {
    std::optional<Result<FetchAnswer>> answer;
    RunToEnd([&]() -> Awaitable<void> { answer.emplace(co_await std::move(fetch)); });
    return std::move(*answer);
  }

  rpc::Server server_;
  Upstream::AsyncService service_;
  FetchRequest asked_;
  Result<FetchReply> answer_ = FetchReply();
  std::unique_ptr<Fetcher> fetcher_ = FetcherAs(rpc::Role::kAccounts);
};

TEST_F(UpstreamFetcherTest, AsksForATokenOnTheAccountsRoad) {
  Listen();
  answer_->set_status(401);
  answer_->set_body("refused, with\0zero"s);
  const auto answer = Await(
      fetcher_->Post(LoginEndpoint::kToken, {"codex", "by-proxy", "acc_1"}, {"application/json", Secret("{\"r\":1}")}));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 401) << "the provider's refusal is an answer, not an error";
  EXPECT_EQ(answer->body.Reveal(), "refused, with\0zero"s);
  EXPECT_EQ(asked_.endpoint(), FetchRequest::ENDPOINT_TOKEN);
  EXPECT_EQ(asked_.provider(), "codex");
  EXPECT_EQ(asked_.egress(), "by-proxy");
  EXPECT_EQ(asked_.account(), "acc_1");
  EXPECT_EQ(asked_.content_type(), "application/json");
  EXPECT_EQ(asked_.body(), "{\"r\":1}");
  EXPECT_GT(asked_.timeout().seconds(), 0) << "upstream ends it first, so that its reason arrives";
}

TEST_F(UpstreamFetcherTest, AsksEveryEndpointOfLogins) {
  Listen();
  answer_->set_status(200);
  for (const auto& [endpoint, asked] : {std::pair(LoginEndpoint::kDevice, FetchRequest::ENDPOINT_DEVICE),
                                        std::pair(LoginEndpoint::kDeviceToken, FetchRequest::ENDPOINT_DEVICE_TOKEN),
                                        std::pair(LoginEndpoint::kRevoke, FetchRequest::ENDPOINT_REVOKE)}) {
    ASSERT_TRUE(Await(fetcher_->Post(endpoint, {"codex", "", "lgn_1"}, {"text/x", Secret("b")})).ok());
    EXPECT_EQ(asked_.endpoint(), asked);
    EXPECT_EQ(asked_.account(), "lgn_1") << "a road of its own";
    EXPECT_EQ(asked_.content_type(), "text/x");
    EXPECT_EQ(asked_.authorization(), "");
  }
  ASSERT_TRUE(
      Await(fetcher_->Post(LoginEndpoint::kSession, {"codex", "", "acc_1"}, {"", Secret(), Secret("token g")})).ok());
  EXPECT_EQ(asked_.endpoint(), FetchRequest::ENDPOINT_SESSION);
  EXPECT_EQ(asked_.authorization(), "token g");
}

TEST_F(UpstreamFetcherTest, AsksForUsageAndModelsWithoutABody) {
  Listen();
  answer_->set_status(200);
  ASSERT_TRUE(Await(fetcher_->Usage("codex", AccountId("acc_1"), 3)).ok());
  EXPECT_EQ(asked_.endpoint(), FetchRequest::ENDPOINT_USAGE);
  EXPECT_EQ(asked_.credential_version(), 3);
  EXPECT_EQ(asked_.body() + asked_.content_type(), "");
  ASSERT_TRUE(Await(fetcher_->Models("codex", AccountId("acc_2"))).ok());
  EXPECT_EQ(asked_.endpoint(), FetchRequest::ENDPOINT_MODELS);
  EXPECT_EQ(asked_.account(), "acc_2");
  EXPECT_EQ(asked_.egress(), "") << "they go by their credential's own way";
}

TEST_F(UpstreamFetcherTest, SaysWhyThereIsNoAnswer) {
  Listen();
  answer_ = Error(ErrorCode::kDeadlineExceeded, "the provider said nothing");
  const auto answer = Await(fetcher_->Usage("codex", AccountId("acc_1"), 3));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(answer.error().message, "the provider said nothing");
}

TEST_F(UpstreamFetcherTest, WaitsForAnUpstreamThatIsStarting) {
  answer_->set_status(200);
  const auto later = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds(50));
  later->async_wait([this, later](boost::system::error_code) { Listen(); });
  EXPECT_TRUE(Await(fetcher_->Models("codex", AccountId("acc_1"))).ok());
}

TEST_F(UpstreamFetcherTest, IsForAccountsAlone) {
  Listen();
  EXPECT_EQ(Await(FetcherAs(rpc::Role::kFrontend)->Usage("codex", AccountId("acc_1"), 3)).error().code,
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(asked_.account(), "") << "nothing reached the provider";
}

}  // namespace
}  // namespace patchbay::accounts
