#include "workers/frontend/call/token_count.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

namespace patchbay::frontend {
namespace {

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

// A request of an agent's size: long instructions, many tools, a history of small and large texts.
inference::v1::GenerateRequest LongRequest(std::string_view sentence) {
  inference::v1::GenerateRequest request;
  const auto text = [&](int sentences) {
    std::string repeated;
    for (int i = 0; i < sentences; ++i) repeated += sentence;
    return repeated;
  };
  request.set_instructions(text(200));
  for (int i = 0; i < 40; ++i) {
    auto& function = *request.add_tools()->mutable_function();
    function.set_description(text(i % 7));
    function.set_parameters_json(R"({"type":"object","properties":{"path":{"type":"string","description":"A file"}}})");
  }
  for (int i = 0; i < 300; ++i) request.add_items()->mutable_message()->add_parts()->set_text(text(1 + i % 40));
  return request;
}

TEST(TokenCount, OfASampleIsNearThatOfTheWhole) {
  for (const char* sentence : {"The quick brown fox jumps over the lazy dog. ", "お誕生日おめでとう。"}) {
    const auto request = LongRequest(sentence);
    const auto whole = static_cast<double>(EstimateTokens(request));
    EXPECT_NEAR(static_cast<double>(RoughTokens(request)), whole, 0.1 * whole);
  }
}

TEST(TokenCount, OfASampleIsNotMisledByHowATextBegins) {
  inference::v1::GenerateRequest request;
  std::string text = "[[x:y z=1]] {{{{((((****))))}}}} ";
  for (int i = 0; i < 500; ++i) text += "The quick brown fox jumps over the lazy dog. ";
  request.add_items()->mutable_message()->add_parts()->set_text(text);
  const auto whole = static_cast<double>(EstimateTokens(request));
  EXPECT_NEAR(static_cast<double>(RoughTokens(request)), whole, 0.1 * whole);
}

TEST(TokenCount, OfASampleIsTheSameForWhatFitsIntoIt) {
  inference::v1::GenerateRequest request;
  EXPECT_EQ(RoughTokens(request), EstimateTokens(request));
  request.set_instructions("Be brief.");
  request.add_items()->mutable_message()->add_parts()->set_text("What is the weather in Oslo?");
  request.add_items()->mutable_tool_result()->add_parts()->mutable_image()->set_url("data:image/png;base64,AA");
  EXPECT_EQ(RoughTokens(request), EstimateTokens(request));
}

}  // namespace
}  // namespace patchbay::frontend
