#include "workers/accounts/import/entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kMax = 100;
const std::string kToken = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln";

std::string Written(std::string_view text) {
  const auto entries = EntriesOf(text, kMax);
  EXPECT_TRUE(entries.ok()) << text;
  return entries.ok() ? nlohmann::json(*entries).dump() : "";
}

TEST(Entries, AreThoseOfEveryWrapper) {
  EXPECT_EQ(Written(R"({"a":1})"), R"([{"a":1}])");
  EXPECT_EQ(Written(R"([{"a":1},{"a":2}])"), R"([{"a":1},{"a":2}])");
  EXPECT_EQ(Written(R"({"accounts":[{"a":1}],"proxies":[]})"), R"([{"a":1}])");
  EXPECT_EQ(Written(R"({"code":0,"data":{"accounts":[{"a":1}]}})"), R"([{"a":1}])") << "an answer's envelope";
  EXPECT_EQ(Written(R"({"exported_data":[{"platform":"p","data":[{"a":1}]},{"accounts":[{"a":2}]}]})"),
            R"([{"a":1},{"a":2}])");
  EXPECT_EQ(Written("\xef\xbb\xbf[]"), "[]");
}

TEST(Entries, StandBehindEachOtherOrOnLines) {
  EXPECT_EQ(Written("{\"a\":1}\n{\"a\":\"}\\\"{\"}\n"), R"([{"a":1},{"a":"}\"{"}])");
  EXPECT_EQ(Written("{\n \"a\": [1,\n2]\n}{\"a\":3}"), R"([{"a":[1,2]},{"a":3}])");
  EXPECT_EQ(Written(kToken + "\r\n\nBearer " + kToken + "\n"), "[\"" + kToken + "\",\"" + kToken + "\"]");
}

TEST(Entries, AreNamedByTheirProviderWhereItIsTheirKey) {
  EXPECT_EQ(Written(R"({"openai":{"type":"oauth","refresh":"r"},"groq":{"type":"api","key":"k"}})"),
            R"([{"key":"k","provider":"groq","type":"api"},{"provider":"openai","refresh":"r","type":"oauth"}])");
}

TEST(Entries, AreRefusedWithoutBeingQuoted) {
  const std::string kBad[] = {"",
                              "rt_secret",
                              "{\"rt_secret\":",
                              "{\"accounts\":\"rt_secret\"}",
                              "{\"a\":1} rt_secret",
                              kToken + "\nrt secret with blanks\n",
                              "{\"a\":1}}"};
  for (const std::string& text : kBad) {
    const auto entries = EntriesOf(text, kMax);
    ASSERT_FALSE(entries.ok()) << text;
    EXPECT_THAT(entries.error().message, Not(HasSubstr("secret")));
  }
}

TEST(Entries, AreBounded) {
  std::string list = "[";
  for (std::size_t i = 0; i <= kMax; ++i) list += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(EntriesOf(list + "]", kMax).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(EntriesOf(std::string(50, '[') + std::string(50, ']'), kMax).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(EntriesOf(std::string(100'000, '['), kMax).ok());
}

}  // namespace
}  // namespace patchbay::accounts
