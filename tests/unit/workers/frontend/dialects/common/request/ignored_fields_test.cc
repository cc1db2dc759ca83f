#include "workers/frontend/dialects/common/request/ignored_fields.h"

#include <gmock/gmock.h>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;

TEST(IgnoredFields, AreNamedOnceHoweverOftenTheyStand) {
  std::vector<std::string> ignored;
  for (const char* field : {"user", "metadata", "user"}) NoteIgnored(ignored, field);
  EXPECT_THAT(ignored, ElementsAre("user", "metadata"));
}

TEST(IgnoredFields, AreThoseThatNobodyKnowsAndThatAreThere) {
  const boost::json::value body = *wire::ParseJson(R"({"list":[{"known":1,"new":2,"empty":null},{"new":3}]})");
  const JsonNode root(body);
  const JsonNode list = *root.Find("list");
  std::vector<std::string> ignored;
  for (std::size_t i = 0; i < list.size(); ++i) NoteOthers(ignored, list.At(i), {"known"});
  NoteOthers(ignored, list, {});
  EXPECT_THAT(ignored, ElementsAre("list[].new"));
}

TEST(IgnoredFields, AreNoMoreThanAHeaderHolds) {
  std::vector<std::string> ignored;
  for (std::size_t i = 0; i < 2 * kMaxIgnoredFields; ++i) NoteIgnored(ignored, "field" + std::to_string(i));
  EXPECT_EQ(ignored.size(), kMaxIgnoredFields);
}

}  // namespace
}  // namespace patchbay::frontend
