#include "workers/upstream/call/notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/service_fixture.h"

namespace patchbay::upstream {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::LocalServer;
using ::testing::Not;
using testing::Peer;
using ::testing::StartsWith;

class Notify : public testing::ServiceFixture {
 protected:
  static v1::NotifyRequest To(const std::string& url) {
    v1::NotifyRequest request;
    request.set_name("ops");
    request.set_url(url);
    request.set_allow_private(true);
    request.set_body(R"({"kind":"banned"})");
    return request;
  }
};

TEST_F(Notify, PostsTheEventAndTellsTheStatus) {
  std::string received;
  LocalServer server(false, [&](Peer& peer) {
    received = peer.ReadRequest();
    peer.Answer("thanks");
  });
  AddCredential("a");
  const auto reply = Await(service_.Notify(To("http://127.0.0.1:" + std::to_string(server.port()) + "/a/b?token=x")));
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status(), 200);
  EXPECT_THAT(received, AllOf(StartsWith("POST /a/b?token=x HTTP/1.1\r\n"), HasSubstr("content-type: application/json"),
                              HasSubstr("user-agent: patchbay/"), EndsWith(R"({"kind":"banned"})"),
                              Not(HasSubstr("authorization")), Not(HasSubstr("cookie"))));
}

TEST_F(Notify, RefusesWhatIsNoWebhookWithoutShowingIt) {
  for (const char* bad : {"", "secret", "ftp://secret/", "https://user:secret@example.com/"}) {
    const auto reply = Await(service_.Notify(To(bad)));
    ASSERT_FALSE(reply.ok()) << bad;
    EXPECT_EQ(reply.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(reply.error().message, Not(HasSubstr("secret")));
  }
  v1::NotifyRequest plain = To("http://example.com/");
  plain.set_allow_private(false);
  EXPECT_THAT(Await(service_.Notify(plain)).error().message, HasSubstr("needs allow_private"));
}

TEST_F(Notify, GoesToNoPrivateAddressUnlessItMay) {
  v1::NotifyRequest request = To("https://127.0.0.1:1/");
  request.set_allow_private(false);
  const auto reply = Await(service_.Notify(request));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace patchbay::upstream
