// Calls and fetches of a provider that only its row describes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/service_fixture.h"

namespace patchbay::upstream {
namespace {

using testing::Always;
using ::testing::HasSubstr;
using testing::LocalServer;
using ::testing::Not;
using ::testing::StartsWith;

class OwnRows : public testing::ServiceFixture {
 protected:
  OwnRows()
      : server_(
            false, Always([this](const std::string& request) {
              received_ = request;
              return std::string("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
            })) {}
  // A row that leads to the server, with what `text` says besides.
  void Configure(const std::string& text, const std::string& dialect = "codex") {
    auto config = patchbay::testing::Configured();
    auto row = patchbay::testing::Configured<catalog::v1::Provider>();
    row.set_base_url(server_.url() + "/v1");
    row.set_allow_private(true);
    row.set_dialect(dialect);
    catalog::v1::Provider more;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &more));
    row.MergeFrom(more);
    (*config.mutable_providers())["mine"] = row;
    ASSERT_TRUE(service_.Configure(config).ok());
    AddCredential("a");
  }
  std::string FetchModels() {
    v1::FetchRequest request;
    request.set_provider("mine");
    request.set_endpoint(v1::FetchRequest::ENDPOINT_MODELS);
    request.set_account("a");
    const auto reply = Await(service_.Fetch(request));
    return reply.ok() ? received_ : reply.error().message;
  }

  std::string received_;
  LocalServer server_;
};

TEST_F(OwnRows, AreAskedAsThemselvesWithTheKeyWhereTheySay) {
  Configure(R"pb(headers { key: "X-Team" value: "blue" }
                 headers { key: "User-Agent" value: "team/1" })pb");
  const std::string plain = FetchModels();
  EXPECT_THAT(plain, StartsWith("GET /v1/models HTTP/1.1\r\n"));
  EXPECT_THAT(plain, HasSubstr("\r\nauthorization: Bearer token-of-a\r\n"));
  EXPECT_THAT(plain, HasSubstr("\r\nX-Team: blue\r\n"));
  EXPECT_THAT(plain, HasSubstr("\r\nUser-Agent: team/1\r\n"));
  EXPECT_THAT(plain, Not(HasSubstr("patchbay/"))) << "the row's own word for it";
  EXPECT_THAT(plain, Not(HasSubstr("codex")));

  Configure(R"pb(auth { key_in: "x-goog-api-key" }
                 models { path: "/list?all=1" })pb");
  EXPECT_THAT(FetchModels(), HasSubstr("\r\nx-goog-api-key: token-of-a\r\n"));
}

TEST_F(OwnRows, MayHaveTheKeyInTheQuery) {
  Configure(R"pb(auth { key_in: "query" query_name: "k" }
                 models { path: "/list?all=1" })pb");
  const std::string asked = FetchModels();
  EXPECT_THAT(asked, StartsWith("GET /v1/list?all=1&k=token-of-a HTTP/1.1\r\n"));
  EXPECT_THAT(asked, Not(HasSubstr("authorization")));
}

TEST_F(OwnRows, AreNotAskedForWhatTheyDoNotHave) {
  Configure(R"pb(models { path: "/none" })pb");
  v1::FetchRequest request;
  request.set_provider("mine");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_USAGE);
  request.set_account("a");
  EXPECT_EQ(Await(service_.Fetch(request)).error().message, "provider 'mine' has no such endpoint");
  EXPECT_EQ(server_.connections(), 0);
}

// The loader knows which dialects there are; a program of another version may not.
TEST_F(OwnRows, OfADialectThatWeCannotSpeakAreToldSo) {
  Configure("", "martian");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  stream.requests.back().mutable_open()->set_provider("mine");
  ASSERT_TRUE(Call(stream).ok());
  const auto& failure = stream.replies.back().end().failure();
  EXPECT_EQ(failure.http_status(), 501);
  EXPECT_EQ(failure.message(), "provider 'mine' is spoken to in martian, which this version of patchbay cannot");
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(OwnRows, MayBeSlowerThanOthers) {
  CallContext context;
  context.config = patchbay::testing::Configured().upstream();
  Provider slow, usual;
  slow.row.mutable_limits()->mutable_first_byte()->set_seconds(700);
  EXPECT_EQ(context.CallTimeouts(slow, {}).first_byte, std::chrono::seconds(700));
  EXPECT_EQ(context.CallTimeouts(slow, {}).stall, std::chrono::seconds(300));
  EXPECT_EQ(context.CallTimeouts(usual, {}).first_byte, std::chrono::seconds(120));
}

}  // namespace
}  // namespace patchbay::upstream
