#include "workers/upstream/dialects/openai_chat/quirks.h"

#include <gtest/gtest.h>

#include "lib/catalog/words.h"
#include "tests/unit/workers/upstream/dialects/openai_chat/golden.h"

namespace patchbay::upstream::openai_chat {
namespace {

TEST(Quirks, AreWhatTheRowNames) {
  const Quirks none = QuirksOf("");
  EXPECT_FALSE(none.effort);
  const Quirks some = QuirksOf("effort random_seed");
  EXPECT_TRUE(some.effort);
  EXPECT_TRUE(some.random_seed);
  EXPECT_FALSE(some.effort_object);
}

// One table says them to whoever reads rows, another does them.
TEST(Quirks, AreTheWordsOfTheCatalogue) {
  const catalog::Dialect* dialect = catalog::FindDialect("openai_chat");
  ASSERT_NE(dialect, nullptr);
  EXPECT_FALSE(dialect->quirks.empty());
  for (const std::string_view word : dialect->quirks) QuirksOf(std::string(word));
}

TEST(QuirksDeathTest, HoldTheLoaderToItsWord) { EXPECT_DEATH(QuirksOf("no_such_word"), ""); }

}  // namespace
}  // namespace patchbay::upstream::openai_chat
