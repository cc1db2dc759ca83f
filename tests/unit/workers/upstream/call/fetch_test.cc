#include "workers/upstream/call/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/service_fixture.h"

namespace patchbay::upstream {
namespace {

using ::testing::HasSubstr;
using testing::LocalServer;
using ::testing::Not;
using testing::Peer;

class Fetch : public testing::ServiceFixture {};

TEST_F(Fetch, FetchesTheNamedEndpointsOfAProvider) {
  std::vector<std::string> received;
  std::mutex mutex;
  LocalServer server(true, [&](Peer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      const std::lock_guard lock(mutex);
      received.push_back(request);
      peer.Answer("{}", "content-type: application/json\r\n");
    }
  });
  PointAt(server);
  AddCredential("a");
  const auto fetch = [&](v1::FetchRequest::Endpoint endpoint, const std::string& account, const std::string& body) {
    v1::FetchRequest request;
    request.set_provider("codex");
    request.set_endpoint(endpoint);
    request.set_account(account);
    request.set_content_type(body.empty() ? "" : "application/json");
    request.set_body(body);
    if (endpoint == v1::FetchRequest::ENDPOINT_SESSION) request.set_authorization("token gho_1");
    const auto reply = Await(service_.Fetch(request));
    EXPECT_TRUE(reply.ok());
    EXPECT_EQ(reply->status(), 200);
    EXPECT_EQ(reply->content_type(), "application/json");
    EXPECT_EQ(reply->body(), "{}");
  };
  fetch(v1::FetchRequest::ENDPOINT_TOKEN, "a", R"({"grant_type":"refresh_token"})");
  fetch(v1::FetchRequest::ENDPOINT_USAGE, "a", "");
  fetch(v1::FetchRequest::ENDPOINT_MODELS, "a", "");
  // A login has no credential, and needs none.
  fetch(v1::FetchRequest::ENDPOINT_DEVICE, "lgn_1", "{}");
  fetch(v1::FetchRequest::ENDPOINT_DEVICE_TOKEN, "lgn_1", "{}");
  fetch(v1::FetchRequest::ENDPOINT_REVOKE, "a", "{}");
  fetch(v1::FetchRequest::ENDPOINT_SESSION, "a", "");
  ASSERT_EQ(received.size(), 7u);
  EXPECT_THAT(received[6], ::testing::StartsWith("GET /session HTTP/1.1\r\n"));
  EXPECT_THAT(received[6], HasSubstr("authorization: token gho_1\r\n"));
  EXPECT_THAT(received[6], Not(HasSubstr("token-of-a"))) << "the login is shown, and not what came of it";
  EXPECT_THAT(received[3], ::testing::StartsWith("POST /api/accounts/deviceauth/usercode HTTP/1.1\r\n"));
  EXPECT_THAT(received[4], ::testing::StartsWith("POST /api/accounts/deviceauth/token HTTP/1.1\r\n"));
  EXPECT_THAT(received[5], ::testing::StartsWith("POST /oauth/revoke HTTP/1.1\r\n"));
  EXPECT_THAT(received[5], Not(HasSubstr("authorization"))) << "the token stands in the body";
  EXPECT_THAT(received[0], ::testing::StartsWith("POST /oauth/token HTTP/1.1\r\n"));
  EXPECT_THAT(received[0], Not(HasSubstr("authorization")));
  EXPECT_THAT(received[0], ::testing::EndsWith(R"({"grant_type":"refresh_token"})"));
  EXPECT_THAT(received[1], ::testing::StartsWith("GET /backend-api/wham/usage HTTP/1.1\r\n"));
  EXPECT_THAT(received[1], HasSubstr("authorization: Bearer token-of-a\r\n"));
  EXPECT_THAT(received[2], ::testing::StartsWith("GET /backend-api/codex/models?client_version=0.171.0 HTTP/1.1\r\n"));
}

// A ticket that was given to one account's refresh and shown by another's would tell the provider that they are one
// client.
TEST_F(Fetch, SharesNoTlsSessionBetweenAccountsAtTheTokenEndpoint) {
  std::vector<bool> resumed;
  std::mutex mutex;
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    {
      const std::lock_guard lock(mutex);
      resumed.push_back(peer.resumed());
    }
    peer.Answer("{}", "connection: close\r\n");
  });
  PointAt(server);
  for (const char* account : {"a", "b", "a"}) {
    v1::FetchRequest request;
    request.set_provider("codex");
    request.set_endpoint(v1::FetchRequest::ENDPOINT_TOKEN);
    request.set_account(account);
    EXPECT_TRUE(Await(service_.Fetch(request)).ok());
  }
  EXPECT_THAT(resumed, ::testing::ElementsAre(false, false, true));
}

TEST_F(Fetch, FetchesForSomebodyOnly) {
  LocalServer server(true, [](Peer&) {});
  PointAt(server);
  v1::FetchRequest request;
  request.set_provider("codex");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_TOKEN);
  EXPECT_EQ(Await(service_.Fetch(request)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(server.connections(), 0);
}

// Whoever asks with a token that is good for one use wants to know whether it was seen.
TEST_F(Fetch, TellsWhatWasNotSentFromWhatMayHaveArrived) {
  v1::FetchRequest request;
  request.set_provider("codex");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_TOKEN);
  request.set_account("a");
  {
    LocalServer server(true, [](Peer& peer) { peer.ReadRequest(); });
    PointAt(server);
    EXPECT_EQ(Await(service_.Fetch(request)).error().code, ErrorCode::kUnavailable) << "read, and not answered";
    EXPECT_EQ(server.connections(), 1);
  }
  EXPECT_EQ(Await(service_.Fetch(request)).error().code, ErrorCode::kFailedPrecondition) << "nobody listens there now";
}

TEST_F(Fetch, RefusesAFetchReplyWithoutEnd) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const std::string block = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    while (peer.Write(block)) {
    }
  });
  PointAt(server);
  AddCredential("a");
  v1::FetchRequest request;
  request.set_provider("codex");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_MODELS);
  request.set_account("a");
  EXPECT_EQ(Await(service_.Fetch(request)).error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace patchbay::upstream
