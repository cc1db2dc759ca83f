#include "workers/upstream/dialects/openai_chat/think_splitter.h"

#include <gtest/gtest.h>

namespace patchbay::upstream::openai_chat {
namespace {

// "reasoning|text" of all the pieces together.
std::string Split(std::string_view text, std::size_t step) {
  ThinkSplitter splitter;
  std::string reasoning, rest;
  const auto take = [&](const ThinkSplitter::Pieces& pieces) {
    reasoning += pieces.reasoning;
    rest += pieces.text;
  };
  for (; !text.empty(); text.remove_prefix(std::min(step, text.size()))) take(splitter.Feed(text.substr(0, step)));
  take(splitter.Finish());
  return reasoning + "|" + rest;
}

TEST(ThinkSplitter, SplitsAlikeWhateverThePieces) {
  const std::pair<const char*, const char*> cases[] = {
      {"<think>a</think>b", "a|b"},
      {"\n <think>\na < b </t\n</think>\n\nb <think>c</think>", "\na < b </t\n|b <think>c</think>"},
      {"Hello <think>a</think>", "|Hello <think>a</think>"},
      {"<thing>", "|<thing>"},
      {"<thi", "|<thi"},
      {"  x", "|  x"},
      {"<think>never closed </thi", "never closed </thi|"},
      {"<think></think>  \n", "|"},
      {"", "|"},
  };
  for (const auto& [text, wanted] : cases) {
    for (const std::size_t step : {1, 2, 3, 5, 100}) EXPECT_EQ(Split(text, step), wanted) << text << " by " << step;
  }
}

TEST(ThinkSplitter, HoldsNothingBackOnceThereIsText) {
  ThinkSplitter splitter;
  EXPECT_FALSE(splitter.idle());
  EXPECT_EQ(splitter.Feed("He").text, "He");
  EXPECT_TRUE(splitter.idle());
}

}  // namespace
}  // namespace patchbay::upstream::openai_chat
