#include "workers/upstream/dialects/common/checked_json.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(CheckedJson, TakesOneObjectAndNothingElse) {
  EXPECT_EQ(CheckedObject(R"( {"a":[1]})", "x").value(), R"( {"a":[1]})");
  for (const char* text : {"", "[]", "1", R"({"a":)", R"({"a":1}{)", "{\"a\":\"\xff\"}"}) {
    const auto checked = CheckedObject(text, "tools.f.parameters");
    ASSERT_FALSE(checked.ok()) << text;
    EXPECT_EQ(checked.error().where, "tools.f.parameters");
    EXPECT_EQ(checked.error().origin, Origin::kClient);
  }
}

TEST(CheckedJson, TakesAnyValueWhereOneIsEnough) {
  for (const char* text : {R"("auto")", "1", "null", "[1]", R"({"a":1})"})
    EXPECT_EQ(CheckedValue(text, "x").value(), text);
  for (const char* text : {"", "[", "1 2"}) EXPECT_FALSE(CheckedValue(text, "x").ok()) << text;
}

}  // namespace
}  // namespace patchbay::upstream
