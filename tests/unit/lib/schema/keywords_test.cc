#include "lib/schema/keywords.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string_view>
#include <vector>

namespace patchbay::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string_view> NamesIn(std::string_view schema) {
  const boost::json::value parsed = boost::json::parse(schema);
  std::vector<std::string_view> names;
  for (const Keyword* keyword : KeywordsOf(parsed.get_object())) names.push_back(keyword->name);
  return names;
}

TEST(Keywords, AreToldInOneOrderHoweverTheSchemaHasThem) {
  EXPECT_THAT(NamesIn(R"({"title":"","items":{},"if":{},"$ref":"#"})"), ElementsAre("title", "items", "if", "$ref"));
  EXPECT_THAT(NamesIn(R"({"$ref":"#","if":{},"items":{},"title":""})"), ElementsAre("title", "items", "if", "$ref"));
}

TEST(Keywords, AreNotWhateverElseASchemaHolds) {
  EXPECT_THAT(NamesIn(R"({"x-order":1,"default":null,"Title":""})"), IsEmpty());
}

}  // namespace
}  // namespace patchbay::schema
