#include "workers/frontend/dialects/common/request/web_search.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

TEST(WebSearch, ReadsALocationWithoutItsOtherMembers) {
  const auto json = wire::ParseJson(R"({"type":"approximate","city":"Oslo","country":"NO","region":null,"street":1})");
  inference::v1::WebSearchTool::Location location;
  ASSERT_TRUE(ReadSearchLocation(JsonNode(*json), location).ok());
  EXPECT_EQ(location.ShortDebugString(), R"(country: "NO" city: "Oslo")");
}

TEST(WebSearch, NamesThePlaceOfAMemberOfAnotherType) {
  const auto place = wire::ParseJson(R"({"city":7})");
  inference::v1::WebSearchTool search;
  const auto wrong = ReadSearchLocation(JsonNode(*place), *search.mutable_location());
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().where, "/city");
  const auto list = wire::ParseJson(R"(["example.com",7])");
  const auto no_domain = ReadDomains(JsonNode(*list), *search.mutable_allowed_domains());
  ASSERT_FALSE(no_domain.ok());
  EXPECT_EQ(no_domain.error().where, "/1");
  EXPECT_FALSE(ReadDomains(JsonNode(*place), *search.mutable_allowed_domains()).ok());
}

TEST(WebSearch, ReadsDomains) {
  const auto list = wire::ParseJson(R"(["example.com","example.org"])");
  inference::v1::WebSearchTool search;
  ASSERT_TRUE(ReadDomains(JsonNode(*list), *search.mutable_allowed_domains()).ok());
  EXPECT_EQ(search.ShortDebugString(), R"(allowed_domains: "example.com" allowed_domains: "example.org")");
}

}  // namespace
}  // namespace patchbay::frontend
