#include "lib/catalog/words.h"

#include <gmock/gmock.h>

#include "lib/catalog/rows.h"

namespace patchbay::catalog {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Dialects, TakeTheBytesOfTheirOwnKindOfClientAsTheyAre) {
  EXPECT_TRUE(Takes("codex", "openai_responses"));
  EXPECT_TRUE(Takes("codex", "openai_search"));
  EXPECT_TRUE(Takes("codex", "openai_memories"));
  EXPECT_TRUE(Takes("openai_chat", "openai_chat"));
  EXPECT_TRUE(Takes("openai_responses", "openai_responses"));
}

TEST(Dialects, TakeNoOthers) {
  EXPECT_FALSE(Takes("openai_chat", "openai_responses"));
  EXPECT_FALSE(Takes("codex", "openai_chat"));
  EXPECT_FALSE(Takes("openai_responses", "openai_search"));
  EXPECT_FALSE(Takes("nobody", "openai_chat"));
  EXPECT_FALSE(Takes("codex", ""));
}

TEST(Dialects, SayWhichHasSockets) {
  for (const Dialect& dialect : Dialects()) EXPECT_EQ(dialect.sockets, dialect.name == "codex") << dialect.name;
  EXPECT_EQ(FindDialect("openai_caht"), nullptr);
}

TEST(CatalogRows, AreInTheProgramAsTheyStandInTheRepository) {
  EXPECT_THAT(RowFiles(), SizeIs(testing::Ge(9u)));
  for (const RowFile& file : RowFiles()) {
    EXPECT_THAT(std::string(file.name), testing::MatchesRegex("catalog/[a-z-]+\\.yaml"));
    EXPECT_THAT(std::string(file.text), HasSubstr("\nproviders:\n  ")) << file.name;
  }
}

}  // namespace
}  // namespace patchbay::catalog
