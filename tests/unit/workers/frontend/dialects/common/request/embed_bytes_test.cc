#include "workers/frontend/dialects/common/request/embed_bytes.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

gateway::v1::EmbedCall EmbedCallOf(const std::string& text) {
  gateway::v1::EmbedCall call;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &call)) << text;
  return call;
}

TEST(EmbedBytes, AreAskedForWithTheModelOfTheGrant) {
  const EmbedBytes bytes(
      EmbedCallOf(R"pb(model: "mine" inputs: "a \"b\"" inputs: "c" dimensions: 8 user_id: "u" truncate: true)pb"),
      {"title"});
  GrantTerms terms;
  terms.model = "theirs";
  const auto relayed = bytes.Relayed(terms);
  ASSERT_TRUE(relayed.ok());
  EXPECT_EQ(*relayed->body, R"({"model":"theirs","input":["a \"b\"","c"],"dimensions":8,"user":"u"})");
  EXPECT_EQ(relayed->ignored, (std::vector<std::string>{"title", "truncate"}));
  EXPECT_FALSE(bytes.Translated().ok());
}

TEST(EmbedBytes, AreNotAskedForWithoutAModelOrAnInput) {
  for (const char* call : {"", R"(model: "m")", R"(inputs: "a")", R"(model: "m" inputs: "a" inputs: "")",
                           R"(model: "m" inputs: "a" dimensions: 0)"}) {
    const auto checked = CheckEmbedCall(EmbedCallOf(call));
    ASSERT_FALSE(checked.ok()) << call;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument) << call;
  }
}

}  // namespace
}  // namespace patchbay::frontend
