#include "workers/frontend/dialects/common/request/json_node.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

TEST(JsonNode, KnowsItsPlace) {
  const boost::json::value body = *wire::ParseJson(R"({"messages":[{"content":"Hi"},{"content":[{"text":5}]}]})");
  const JsonNode root(body);
  EXPECT_EQ(root.Pointer(), "");
  const JsonNode messages = *root.Find("messages");
  const JsonNode message = messages.At(1);
  const JsonNode content = *message.Find("content");
  const JsonNode part = content.At(0);
  const JsonNode text = *part.Find("text");
  EXPECT_EQ(text.Pointer(), "/messages/1/content/0/text");
  EXPECT_EQ(text.Path(), "messages[].content[].text");
  EXPECT_EQ(part.PointerTo("image"), "/messages/1/content/0/image");
  const auto read = text.String();
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().where, "/messages/1/content/0/text");
  EXPECT_EQ(read.error().message, "expected a string, found a number");
  EXPECT_EQ(read.error().origin, Origin::kClient);
}

TEST(JsonNode, TakesNullForAbsent) {
  const boost::json::value body = *wire::ParseJson(R"({"a":null,"b":[]})");
  const JsonNode root(body);
  EXPECT_FALSE(root.Find("a").has_value());
  EXPECT_FALSE(root.Find("c").has_value());
  EXPECT_FALSE(root.Find("b")->Find("x").has_value());
  EXPECT_EQ(*root.OptionalString("a"), "");
  EXPECT_EQ(root.RequiredString("a").error().where, "/a");
}

TEST(JsonNode, ReadsWholeNumbersHoweverTheyAreWritten) {
  const boost::json::value body = *wire::ParseJson(R"([7, 1e3, 4096.0, 0.5, 1e300, "7"])");
  const JsonNode root(body);
  EXPECT_EQ(*root.At(0).Int(), 7);
  EXPECT_EQ(*root.At(1).Int(), 1000);
  EXPECT_EQ(*root.At(2).Int(), 4096);
  for (std::size_t i = 3; i < 6; ++i) EXPECT_FALSE(root.At(i).Int().ok()) << i;
  EXPECT_EQ(*root.At(3).Number(), 0.5);
}

TEST(JsonNode, ListsTheWordsThatItWouldTake) {
  const boost::json::value word("maybe");
  EXPECT_EQ(JsonNode(word).OneOf({"yes", "no"}).error().message, "expected one of 'yes', 'no'");
  EXPECT_EQ(*JsonNode(word).OneOf({"yes", "maybe"}), "maybe");
}

}  // namespace
}  // namespace patchbay::frontend
