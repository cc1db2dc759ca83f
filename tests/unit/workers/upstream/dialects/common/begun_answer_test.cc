#include "workers/upstream/dialects/common/begun_answer.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

std::string Told(const std::string& beginning, const std::string& answer, std::size_t size) {
  BegunAnswer begun(beginning);
  std::string told;
  for (std::size_t at = 0; at < answer.size(); at += size) told += begun.Feed(answer.substr(at, size));
  return told + std::string(begun.Flush());
}

TEST(BegunAnswer, LosesTheBeginningThatItRepeats) {
  for (const std::size_t size : {1, 2, 5, 100}) {
    EXPECT_EQ(Told("{\"a\":", "{\"a\":1}", size), "1}");
    EXPECT_EQ(Told("{\"a\":", "1}", size), "1}");
    EXPECT_EQ(Told("{\"a\":", "{\"b\":1}", size), "{\"b\":1}") << "begun anew, and otherwise";
    EXPECT_EQ(Told("abc", "ab", size), "ab");
    EXPECT_EQ(Told("abc", "abcabc", size), "abc") << "once";
    EXPECT_EQ(Told("", "abc", size), "abc");
  }
}

}  // namespace
}  // namespace patchbay::upstream
