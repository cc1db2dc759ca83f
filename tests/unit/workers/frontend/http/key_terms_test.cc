// What a key's terms change before accounts is asked.
#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/http/server_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class KeyTermsTest : public ServerTest {
 protected:
  void Limit(const std::string& terms) {
    auto update = FromText<accounts::v1::ClientKeyUpdate>("upsert { id: 'ck_1' terms { " + terms + " } }");
    update.mutable_upsert()->add_secrets()->set_sha256(Sha256(kKey));
    auth_.Apply(update);
  }
  std::shared_ptr<FakeExchange> Get(const std::string& path) { return Serve("GET", path); }
};

TEST_F(KeyTermsTest, RefuseAClientFromElsewhereBeforeItsBodyIsRead) {
  Limit("sources: '192.0.2.0/24'");
  const auto chat = Chat();
  EXPECT_EQ(chat->status, 403);
  EXPECT_FALSE(chat->body_read);
  EXPECT_THAT(chat->output, HasSubstr(R"("message":"this client key may not be used from 127.0.0.1")"));
  EXPECT_THAT(chat->output, HasSubstr("permission_error"));
  EXPECT_THAT(Serve("POST", "/v1/messages", {}, "{}")->output, HasSubstr(R"("type":"permission_error")"));
  EXPECT_THAT(Serve("POST", "/v1beta/models/gpt-5.5:generateContent", {}, "{}")->output,
              HasSubstr("PERMISSION_DENIED"));
  EXPECT_EQ(Get("/v1/models")->status, 403);
  EXPECT_EQ(Get("/health")->status, 200) << "it asks for no key";
  EXPECT_THAT(leaser_.acquired, IsEmpty());

  Limit("sources: '192.0.2.0/24' sources: '127.0.0.0/8'");
  leaser_.WillDeny(accounts::v1::DENY_REASON_NO_ACCOUNT);
  Chat();
  ASSERT_EQ(leaser_.acquired.size(), 1U);
  EXPECT_EQ(leaser_.acquired[0].source(), "127.0.0.1");
}

TEST_F(KeyTermsTest, KeepWhatIsNotAllowedOutOfEveryList) {
  Limit("models: 'claude-*'");
  for (const char* path : {"/v1/models", "/v1/models/catalog", "/v1beta/models"}) {
    EXPECT_EQ(Get(path)->status, 200) << path;
    EXPECT_THAT(Get(path)->output, Not(HasSubstr("gpt-5.5"))) << path;
  }
  Limit("models: 'gpt-*'");
  for (const char* path : {"/v1/models", "/v1/models/catalog", "/v1beta/models"}) {
    EXPECT_THAT(Get(path)->output, HasSubstr("gpt-5.5")) << path;
  }
}

TEST_F(KeyTermsTest, KnowNoModelThatIsNotAllowed) {
  Limit("models: 'gpt-6'");
  for (const char* path : {"/v1/models/gpt-5.5", "/v1/models/gpt-5.5/info", "/v1beta/models/gpt-5.5"}) {
    EXPECT_EQ(Get(path)->status, 404) << path;
  }
  Limit("models: 'gpt-5.5'");
  EXPECT_EQ(Get("/v1/models/gpt-5.5")->status, 200);
  EXPECT_EQ(Get("/v1/models/claude-x")->status, 200) << "it stands for gpt-5.5";
}

TEST_F(KeyTermsTest, HaveAccountsToldWhatACallWillCostWhereTheyAreAboutThat) {
  Limit("tokens_per_minute: 1000");
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_RATE);
  EXPECT_EQ(Chat()->status, 429);
  EXPECT_GT(leaser_.acquired.at(0).input_tokens(), 0);
  EXPECT_EQ(leaser_.acquired[0].max_output_tokens(), 5);
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_RATE);
  Serve("POST", "/v1/responses", {},
        R"({"model":"gpt-5.5","input":"Hi","service_tier":"fast","max_output_tokens":7,"stream":true})");
  EXPECT_EQ(leaser_.acquired.at(1).max_output_tokens(), 7);
  EXPECT_EQ(leaser_.acquired[1].service_tier(), "priority");
  EXPECT_GT(leaser_.acquired[1].input_tokens(), 0);
}

TEST_F(KeyTermsTest, AreToldToTheirHolder) {
  Limit("requests_per_minute: 60");
  EXPECT_THAT(Get("/v1/usage")->output, HasSubstr(R"("requests_per_minute":60)"));
  EXPECT_THAT(Get("/v1/usage")->output, HasSubstr(R"("used":{"requests_this_minute":0)"));
  Limit("models: 'gpt-5.5'");
  EXPECT_THAT(Get("/v1/usage")->output, HasSubstr(R"("used":null)")) << "nothing of it is counted";
}

}  // namespace
}  // namespace patchbay::frontend
