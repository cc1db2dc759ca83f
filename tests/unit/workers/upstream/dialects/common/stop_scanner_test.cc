#include "workers/upstream/dialects/common/stop_scanner.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

struct Shown {
  std::string text;
  std::string matched;
};

Shown Scan(std::vector<std::string> words, std::string_view text, std::size_t piece) {
  StopScanner scanner(std::move(words));
  Shown shown;
  for (std::size_t at = 0; at < text.size(); at += piece) shown.text += scanner.Feed(text.substr(at, piece));
  shown.text += scanner.Flush();
  shown.matched = scanner.matched();
  EXPECT_EQ(scanner.stopped(), !shown.matched.empty());
  return shown;
}

TEST(StopScanner, ShowsTheTextBeforeTheFirstWordForAnySplit) {
  struct Case {
    std::vector<std::string> words;
    std::string text, shown, matched;
  };
  for (const Case& each : std::vector<Case>{{{"END"}, "one END two", "one ", "END"},
                                            {{"END"}, "nothing here", "nothing here", ""},
                                            {{"END"}, "ends with EN", "ends with EN", ""},
                                            {{"aab"}, "aaaab!", "aa", "aab"},
                                            {{"x", "abc"}, "abxabc", "ab", "x"},
                                            {{"abcd", "bc"}, "abcd", "a", "bc"},    // ends first
                                            {{"cd", "abcd"}, "abcd!", "", "abcd"},  // both end there: the longest
                                            {{"\n\nHuman:"}, "hi\n\nHuman: x", "hi", "\n\nHuman:"},
                                            {{""}, "empty words", "empty words", ""},
                                            {{"é"}, "caf\xC3\xA9!", "caf", "é"},
                                            {{}, "no words", "no words", ""}}) {
    for (std::size_t piece = 1; piece <= each.text.size(); ++piece) {
      const Shown shown = Scan(each.words, each.text, piece);
      EXPECT_EQ(shown.text, each.shown) << each.text << " by " << piece;
      EXPECT_EQ(shown.matched, each.matched) << each.text << " by " << piece;
    }
  }
}

TEST(StopScanner, HoldsBackOnlyWhatMayBecomeAWord) {
  StopScanner scanner({"END"});
  EXPECT_EQ(scanner.Feed("abcE"), "abc");
  EXPECT_EQ(scanner.Feed("x"), "Ex");
  EXPECT_EQ(scanner.Feed("EN"), "");
  EXPECT_EQ(scanner.Flush(), "EN");
  EXPECT_EQ(scanner.Flush(), "");
  EXPECT_EQ(scanner.Feed("D"), "D") << "what was flushed is over";
}

}  // namespace
}  // namespace patchbay::upstream
