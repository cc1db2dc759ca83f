#include "workers/upstream/dialects/openai_responses/quirks.h"

#include <gtest/gtest.h>

#include "lib/catalog/words.h"
#include "tests/unit/workers/upstream/dialects/openai_responses/golden.h"

namespace patchbay::upstream::openai_responses {
namespace {

TEST(ResponsesQuirks, AreWhatTheRowNames) {
  EXPECT_FALSE(HostOf("").no_metadata);
  EXPECT_TRUE(HostOf("no_metadata").no_metadata);
  EXPECT_FALSE(HostOf("no_metadata").no_search_sources);
  EXPECT_TRUE(HostOf("functions_only").functions_only);
}

// One table says them to whoever reads rows, another does them.
TEST(ResponsesQuirks, AreTheWordsOfTheCatalogue) {
  const catalog::Dialect* dialect = catalog::FindDialect("openai_responses");
  ASSERT_NE(dialect, nullptr);
  EXPECT_FALSE(dialect->quirks.empty());
  for (const std::string_view word : dialect->quirks) HostOf(std::string(word));
}

TEST(ResponsesQuirksDeathTest, HoldTheLoaderToItsWord) { EXPECT_DEATH(HostOf("no_such_word"), ""); }

}  // namespace
}  // namespace patchbay::upstream::openai_responses
