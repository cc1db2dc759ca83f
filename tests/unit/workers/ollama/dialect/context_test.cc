#include "workers/ollama/dialect/context.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::ollama {
namespace {

std::optional<std::vector<Turn>> RoundTrip(const std::vector<Turn>& turns) {
  const auto json = wire::ParseJson(EncodeContext(turns));
  EXPECT_TRUE(json.ok());
  return DecodeContext(json->as_array());
}

TEST(Context, GivesTheTurnsBack) {
  for (const auto& turns :
       std::vector<std::vector<Turn>>{{},
                                      {{true, ""}},
                                      {{true, "a"}, {false, "bc"}},
                                      {{true, "größer \xF0\x9F\x98\x80"}, {false, std::string(5000, 'x')}}}) {
    EXPECT_EQ(RoundTrip(turns), turns);
  }
}

TEST(Context, HoldsNumbersOf32BitsOnly) {
  const auto json = wire::ParseJson(EncodeContext({{true, std::string(300, '\x7F')}}));
  for (const auto& number : json->as_array()) EXPECT_LT(number.to_number<std::int64_t>(), std::int64_t{1} << 31);
}

TEST(Context, LetsTheOldestTurnsGo) {
  const std::string half(kContextBytesMax / 2, 'x');
  const auto turns = RoundTrip({{true, half}, {false, half}, {true, "last"}});
  ASSERT_TRUE(turns);
  ASSERT_EQ(turns->size(), 2u);
  EXPECT_EQ(turns->back().text, "last");
}

TEST(Context, KnowsWhatItHasNotMade) {
  for (const char* text : {"[1,2,3]", "[1346502657]", "[1346502657,1,0,7]", "[\"a\"]", "[-1]",
                           "[1346502657,99999999,0]", "[1.5]", "[1346502657,1,0,99999999]"}) {
    EXPECT_FALSE(DecodeContext(wire::ParseJson(text)->as_array())) << text;
  }
}

}  // namespace
}  // namespace patchbay::ollama
