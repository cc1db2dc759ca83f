#include "lib/wire/json_text.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::wire {
namespace {

TEST(JsonText, WritesNumbersAsTheyAreUsuallyWritten) {
  constexpr const char* kText =
      R"({"a":[1.5,0.25,-122.4194,{"b":1e+30}],"c":18446744073709551615,"d":-7,"e":"\u0001é","f":[null,true,{}]})";
  EXPECT_EQ(JsonText(*ParseJson(kText)), kText);
  EXPECT_EQ(JsonText(*ParseJson("[2.50,10.0,3]")), "[2.5,10,3]");
  EXPECT_EQ(JsonText(*ParseJson(R"([{"no":"double"},[1]])")), R"([{"no":"double"},[1]])");
  EXPECT_EQ(JsonText(ParseJson(R"({"x":0.1})")->get_object()), R"({"x":0.1})");
  EXPECT_EQ(JsonText(ParseJson("[0.1]")->get_array()), "[0.1]");
}

}  // namespace
}  // namespace patchbay::wire
