#include "workers/frontend/dialects/common/request/reasoning_member.h"

#include <gtest/gtest.h>

#include <limits>

namespace patchbay::frontend {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(ReasoningMember, SaysAnEffortOrANumberOfTokens) {
  EXPECT_EQ(ReadReasoningMember(R"({"effort":"high","summary":"auto"})").effort, "high");
  EXPECT_EQ(ReadReasoningMember(R"({"max_tokens": 2000})").budget_tokens, 2000);
  for (const char* nothing : {"", "null", "[]", R"("high")", "{}", R"({"effort":null,"max_tokens":null})"}) {
    const ThinkingWish wish = ReadReasoningMember(nothing);
    EXPECT_EQ(wish.effort, "") << nothing;
    EXPECT_EQ(wish.budget_tokens, std::nullopt) << nothing;
  }
}

TEST(ReasoningMember, NeverPassesForLittleWhenItCannotBeRead) {
  for (const char* odd : {R"({"effort":"low","effort":"xhigh"})", R"({"effort":3})", R"({"effort":["low"]})"}) {
    EXPECT_EQ(ReadReasoningMember(odd).effort, "unreadable") << odd;
  }
  EXPECT_EQ(ReadReasoningMember(R"({"max_tokens":"many"})").budget_tokens, kMost);
  EXPECT_EQ(ReadReasoningMember(R"({"max_tokens":6e4})").budget_tokens, kMost);
  EXPECT_EQ(ReadReasoningMember(R"({"max_tokens":-1})").budget_tokens, kMost);
  const std::string longer = ReadReasoningMember(R"({"effort":")" + std::string(500, 'x') + R"("})").effort;
  EXPECT_LE(longer.size(), 32u);
  EXPECT_NE(longer, "");
  EXPECT_EQ(ReadReasoningMember(R"({"effort":"a\r\nb"})").effort, R"(a\x0D\x0Ab)") << "it is told in a header";
}

TEST(ReasoningMember, GetsAnotherEffortInPlaceOfBoth) {
  EXPECT_EQ(*ReasoningWithEffort(R"({"summary":"auto", "effort":"max"})", "low"),
            R"({"summary":"auto", "effort":"low"})");
  EXPECT_EQ(*ReasoningWithEffort(R"({"max_tokens":60000,"exclude": true})", "low"),
            R"({"effort":"low","exclude":true})");
  EXPECT_EQ(*ReasoningWithEffort(R"({"effort":"low","max_tokens":60000})", "low"), R"({"effort":"low"})");
  EXPECT_EQ(*ReasoningWithEffort("null", "low"), R"({"effort":"low"})");
  EXPECT_FALSE(ReasoningWithEffort(R"({"effort":"low","effort":"xhigh"})", "low").ok());
}

}  // namespace
}  // namespace patchbay::frontend
