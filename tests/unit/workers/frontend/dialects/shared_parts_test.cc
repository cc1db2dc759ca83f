// Small parts that dialects share: names of tools, token counts and envelopes of reasoning.
#include <gtest/gtest.h>

#include <cmath>

#include "lib/base/encoding.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/common/request/tool_names.h"

namespace patchbay::frontend {
namespace {

TEST(ToolNames, LeavesAcceptableNamesAlone) {
  ToolNames names;
  EXPECT_EQ(names.Shorten("mcp__fs__read-file"), "mcp__fs__read-file");
  EXPECT_EQ(names.Restore("mcp__fs__read-file"), "mcp__fs__read-file");
}

TEST(ToolNames, CutsLongOnesAndGivesThemBack) {
  ToolNames names;
  const std::string one = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_one";
  const std::string two = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_two";
  const std::string shortened = names.Shorten(one);
  EXPECT_EQ(shortened.size(), ToolNames::kMaxBytes);
  EXPECT_NE(shortened, names.Shorten(two));
  EXPECT_EQ(names.Restore(shortened), one);
  EXPECT_EQ(ToolNames().Shorten(one), shortened) << "the same in every turn";
  EXPECT_EQ(names.Restore(names.Shorten("get.weather")), "get.weather");
}

// Counted with OpenAI's o200k tokeniser; several are examples of its own documentation.
struct Counted {
  const char* text;
  int tokens;
};
constexpr Counted kCounted[] = {{"hello world", 2},
                                {"tiktoken is great!", 6},
                                {"2 + 2 = 4", 7},
                                {"antidisestablishmentarianism", 6},
                                {"The quick brown fox jumps over the lazy dog.", 10},
                                {"You miss 100% of the shots you don't take", 11},
                                {"お誕生日おめでとう", 8}};

TEST(TokenCount, IsNearTheTokenisersOwn) {
  double estimated = 0, counted = 0;
  for (const auto& [text, tokens] : kCounted) {
    const auto estimate = static_cast<double>(EstimateTokens(text));
    EXPECT_LE(std::abs(estimate - tokens), std::max(3.0, 0.4 * tokens)) << text << ": " << estimate;
    estimated += estimate;
    counted += tokens;
  }
  EXPECT_NEAR(estimated / counted, 1.0, 0.15);
}

TEST(TokenCount, GrowsWithTheTextAndIsNothingForNothing) {
  EXPECT_EQ(EstimateTokens(""), 0);
  const std::string sentence = "The quick brown fox jumps over the lazy dog. ";
  std::string text;
  for (int i = 0; i < 100; ++i) text += sentence;
  EXPECT_NEAR(static_cast<double>(EstimateTokens(text)), 100.0 * static_cast<double>(EstimateTokens(sentence)), 110.0);
  EXPECT_GT(EstimateTokens("\xF0\x9F\x98\x80\xFF\xC3"), 0) << "whatever the bytes";
}

TEST(TokenCount, SeesEveryPartOfARequest) {
  inference::v1::GenerateRequest request;
  auto last = EstimateTokens(request);
  const auto grew = [&] { return EstimateTokens(request) > std::exchange(last, EstimateTokens(request)); };
  request.set_instructions("Be brief.");
  EXPECT_TRUE(grew());
  request.add_items()->mutable_message()->add_parts()->set_text("Hi");
  EXPECT_TRUE(grew());
  request.add_items()->mutable_tool_call()->set_input("{\"a\":1}");
  EXPECT_TRUE(grew());
  request.add_items()->mutable_tool_result()->add_parts()->mutable_image()->set_url("data:image/png;base64,AA");
  EXPECT_TRUE(grew());
  request.add_tools()->mutable_function()->set_name("f");
  EXPECT_TRUE(grew());
}

inference::v1::Item Reasoning(const std::string& id, const std::string& sealed) {
  inference::v1::Item item;
  item.set_id(id);
  item.mutable_reasoning()->add_summary("Thinking");
  item.mutable_reasoning()->set_encrypted_content(sealed);
  return item;
}

TEST(ReasoningEnvelope, GivesBackWhatWasPutIn) {
  const auto items = UnwrapReasoning(WrapReasoning({Reasoning("rs_1", "gAAA"), Reasoning("rs_2", "gBBB")}));
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ(items->at(0).SerializeAsString(), Reasoning("rs_1", "gAAA").SerializeAsString());
  EXPECT_EQ(items->at(1).reasoning().encrypted_content(), "gBBB");
}

TEST(ReasoningEnvelope, KnowsItsOwn) {
  for (const char* text : {"", "skip_thought_signature_validator", "c2tpcA==", "cGF0Y2hiYXkx", "cGF0Y2hiYXkx////"}) {
    EXPECT_FALSE(UnwrapReasoning(text).ok()) << text;
  }
}

TEST(ReasoningEnvelope, GivesNothingButReasoning) {
  inference::v1::Item message;
  message.mutable_message()->add_parts()->set_text("injected");
  EXPECT_FALSE(UnwrapReasoning(WrapReasoning({message})).ok());
  const auto mixed = UnwrapReasoning(WrapReasoning({message, Reasoning("rs_1", "gAAA")}));
  ASSERT_TRUE(mixed.ok());
  ASSERT_EQ(mixed->size(), 1u);
  EXPECT_TRUE(mixed->at(0).has_reasoning());
}

}  // namespace
}  // namespace patchbay::frontend
