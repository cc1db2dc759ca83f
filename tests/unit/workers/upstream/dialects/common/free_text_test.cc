#include "workers/upstream/dialects/common/free_text.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

std::string ReadInPieces(std::string_view json, std::size_t size) {
  FreeTextReader reader;
  std::string text;
  for (; !json.empty(); json.remove_prefix(std::min(size, json.size()))) text += reader.Feed(json.substr(0, size));
  return text;
}

TEST(FreeText, IsReadOutOfArgumentsHoweverTheyAreCut) {
  const std::string json = R"( {"input" : "*** \"a\"\n\tb\\ \/ é \u00e9 \ud83d\ude00 end"} )";
  for (std::size_t size = 1; size <= json.size(); ++size) {
    EXPECT_EQ(ReadInPieces(json, size), "*** \"a\"\n\tb\\ / é é 😀 end") << "in pieces of " << size;
  }
}

TEST(FreeText, IsToldAsSoonAsItIsThere) {
  FreeTextReader reader;
  EXPECT_EQ(reader.Feed(R"({"inp)"), "");
  EXPECT_FALSE(reader.began());
  EXPECT_EQ(reader.Feed(R"(ut":"a)"), "a");
  EXPECT_TRUE(reader.began());
  EXPECT_EQ(reader.Feed("b\\"), "b");
  EXPECT_EQ(reader.Feed("nc"), "\nc");
  EXPECT_EQ(reader.Feed(R"(","more":"d"})"), "");
}

TEST(FreeText, HasAMarkWhereAnEscapeIsNoCharacter) {
  EXPECT_EQ(ReadInPieces(R"({"input":"a\ud83dbc"})", 3),
            "a\xEF\xBF\xBD"
            "bc");
  EXPECT_EQ(ReadInPieces(R"({"input":"a\ud83d\ud83d\ude00"})", 4),
            "a\xEF\xBF\xBD"
            "😀");
  EXPECT_EQ(ReadInPieces(R"({"input":"a\ud83d\n"})", 5), "a\xEF\xBF\xBD\n");
  EXPECT_EQ(ReadInPieces(R"({"input":"a\ud83d"})", 5), "a\xEF\xBF\xBD");
  EXPECT_EQ(ReadInPieces(R"({"input":"a\ude00"})", 5), "a\xEF\xBF\xBD");
  EXPECT_EQ(ReadInPieces(R"({"input":"a\u12xy"})", 5), "a\xEF\xBF\xBD");
}

TEST(FreeText, IsNotFoundInAnythingElse) {
  for (const char* json : {"", "*** Begin", "[1]", R"({"other":"a"})", R"({"input":5})", R"({"inputs":"a"})"}) {
    FreeTextReader reader;
    EXPECT_EQ(reader.Feed(json), "") << json;
    EXPECT_FALSE(reader.began()) << json;
  }
}

TEST(FreeText, OfWholeArgumentsIsAtLeastSomething) {
  EXPECT_EQ(FreeTextOf(R"({"input":"a\nb"})"), "a\nb");
  EXPECT_EQ(FreeTextOf(R"({"why":"x","input":"a"})"), "a");
  EXPECT_EQ(FreeTextOf(R"({"patch":"a"})"), "a") << "under another name";
  EXPECT_EQ(FreeTextOf("{}"), "");
  EXPECT_EQ(FreeTextOf("*** Begin"), "*** Begin");
  EXPECT_EQ(FreeTextOf(R"({"a":"b","c":"d"})"), R"({"a":"b","c":"d"})");
  EXPECT_EQ(FreeTextOf(R"({"input":["a"]})"), R"({"input":["a"]})");
}

}  // namespace
}  // namespace patchbay::upstream
