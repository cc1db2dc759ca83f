#include "lib/wire/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "lib/wire/boost_json.h"

namespace patchbay::wire {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

TEST(AppendJsonString, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("plain text of more than eight bytes"), "\"plain text of more than eight bytes\"");
  EXPECT_EQ(Quoted("a\"b\\c\nd\te\rf\bg\fh"), R"("a\"b\\c\nd\te\rf\bg\fh")");
  EXPECT_EQ(Quoted(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
}

TEST(AppendJsonString, KeepsUnicodeAndReplacesWhatIsNotUtf8) {
  EXPECT_EQ(Quoted("é€😀"), "\"é€😀\"");
  EXPECT_EQ(Quoted("a\xFFz"), "\"a\uFFFDz\"");
  EXPECT_EQ(Quoted("cut \xF0\x9F\x98"), "\"cut \uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(Quoted("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");
}

TEST(AppendJsonString, RoundTripsRandomText) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned i = random() % (round % 100 == 0 ? 2000 : 40); i > 0; --i) {
      static constexpr std::string_view kPieces[] = {"a", "\"", "\\", "\n", "\x01", "é", "😀", "abcdefgh", "\x7f", " "};
      text += kPieces[random() % std::size(kPieces)];
    }
    const auto parsed = ParseJson(Quoted(text));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(std::string_view(parsed->as_string()), text);
    // What has to be mended is escaped as anything else.
    std::string mended = Quoted(text);
    mended.insert(mended.size() - 1, "\uFFFD");
    EXPECT_EQ(Quoted(text + "\xFF"), mended);
  }
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter(out)
      .BeginObject()
      .Key("a")
      .Int(-1)
      .Key("b")
      .BeginArray()
      .String("x")
      .Bool(true)
      .Null()
      .BeginObject()
      .EndObject()
      .EndArray()
      .Key("c")
      .BeginObject()
      .Key("d")
      .Uint(std::numeric_limits<std::uint64_t>::max())
      .EndObject()
      .Key("e")
      .Raw("[1,2]")
      .Key("f")
      .Double(0.5)
      .Key("g")
      .Double(std::numeric_limits<double>::infinity())
      .EndObject();
  EXPECT_EQ(out, R"({"a":-1,"b":["x",true,null,{}],"c":{"d":18446744073709551615},"e":[1,2],"f":0.5,"g":null})");
}

}  // namespace
}  // namespace patchbay::wire
