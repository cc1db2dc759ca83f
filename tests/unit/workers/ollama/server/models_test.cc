#include "workers/ollama/server/models.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/ollama/server/server_testing.h"

namespace patchbay::ollama {
namespace {

using ::testing::HasSubstr;

class ModelsTest : public BridgeTest {};

TEST_F(ModelsTest, ListAndShow) {
  EXPECT_THAT(Ask("GET", "/api/tags")->output, HasSubstr(R"("name":"m:latest")"));
  EXPECT_THAT(Ask("POST", "/api/show", R"({"name":"m:latest"})")->output, HasSubstr(R"("m.context_length":9)"));
  const auto unknown = Ask("POST", "/api/show", R"({"model":"x"})");
  EXPECT_EQ(unknown->status, 404);
  EXPECT_EQ(unknown->output, R"({"error":"model 'x' not found"})");
}

TEST_F(ModelsTest, SayWhenTheGatewayIsAway) {
  gateway_.away = true;
  const auto exchange = Ask("GET", "/api/tags");
  EXPECT_EQ(exchange->status, 503);
  EXPECT_EQ(exchange->output, R"({"error":"the gateway is away"})");
}

TEST_F(ModelsTest, PullWhatIsHere) {
  EXPECT_THAT(Ask("POST", "/api/pull", R"({"model":"m"})")->output, HasSubstr("success"));
  EXPECT_EQ(Ask("POST", "/api/pull", R"({"model":"m","stream":false})")->output, R"({"status":"success"})");
  EXPECT_THAT(Ask("POST", "/api/pull", R"({"model":"x"})")->output, HasSubstr("file does not exist"));
  EXPECT_EQ(Ask("POST", "/api/pull", R"({"model":"x","stream":false})")->status, 500);
}

TEST_F(ModelsTest, ChangeNothing) {
  EXPECT_EQ(Ask("POST", "/api/copy", R"({"source":"m","destination":"n"})")->status, 501);
  EXPECT_EQ(Ask("POST", "/api/copy", R"({"source":"x","destination":"n"})")->status, 404);
  EXPECT_EQ(Ask("DELETE", "/api/delete", R"({"model":"m"})")->status, 403);
  EXPECT_EQ(Ask("DELETE", "/api/delete", R"({"model":"x"})")->status, 404);
  EXPECT_EQ(Ask("POST", "/api/push", R"({"model":"m"})")->status, 501);
  EXPECT_EQ(Ask("POST", "/api/create", R"({"model":"m"})")->status, 501);
  EXPECT_EQ(Ask("HEAD", "/api/blobs/sha256:0")->status, 404);
  EXPECT_EQ(Ask("POST", "/api/blobs/sha256:0")->status, 501);
}

TEST_F(ModelsTest, MakeVectors) {
  EXPECT_THAT(Ask("POST", "/api/embed", R"({"model":"m","input":"a"})")->output, HasSubstr(R"("embeddings":[[0.5]])"));
  EXPECT_EQ(Ask("POST", "/api/embeddings", R"({"model":"m","prompt":"a"})")->output, R"({"embedding":[0.5]})");
  EXPECT_EQ(gateway_.embedded.size(), 2u);
  EXPECT_THAT(Ask("POST", "/api/embed", R"({"model":"m"})")->output, HasSubstr(R"("embeddings":[])"));
  EXPECT_EQ(gateway_.embedded.size(), 2u);
}

TEST_F(ModelsTest, EndTheCallOfAClientThatLeaves) {
  for (const auto& [path, body] : {std::pair("/api/embed", R"({"model":"m","input":"a"})"),
                                   std::pair("/api/embeddings", R"({"model":"m","prompt":"a"})")}) {
    gateway_.embed_ended = false;
    const auto exchange = std::make_shared<frontend::FakeExchange>("POST", path, Headers(), body);
    gateway_.while_embedding = [&exchange] { exchange->Leave(); };
    testing::RunToEnd(io_, server_.Handle(exchange));
    EXPECT_TRUE(gateway_.embed_ended) << path;
    EXPECT_EQ(exchange->status, 0) << "nobody is there to be answered";
  }
  gateway_.while_embedding = nullptr;
  gateway_.embed_ended = false;
  EXPECT_EQ(Ask("POST", "/api/embed", R"({"model":"m","input":"a"})")->status, 200);
  EXPECT_FALSE(gateway_.embed_ended);
}

TEST_F(ModelsTest, SayWhichMakeNone) {
  gateway_.embed_error = Error(ErrorCode::kInvalidArgument, "of the gateway");
  const auto exchange = Ask("POST", "/api/embed", R"({"model":"m","input":"a"})");
  EXPECT_EQ(exchange->status, 501);
  EXPECT_EQ(exchange->output, R"({"error":"this model does not support embeddings"})");
  gateway_.models.mutable_models(0)->set_embeddings(true);
  const auto too_long = Ask("POST", "/api/embed", R"({"model":"m","input":"a"})");
  EXPECT_EQ(too_long->status, 400);
  EXPECT_EQ(too_long->output, R"({"error":"of the gateway"})");
  gateway_.embed_error = Error(ErrorCode::kNotFound, "?");
  EXPECT_EQ(Ask("POST", "/api/embed", R"({"model":"x","input":"a"})")->output, R"({"error":"model 'x' not found"})");
}

}  // namespace
}  // namespace patchbay::ollama
