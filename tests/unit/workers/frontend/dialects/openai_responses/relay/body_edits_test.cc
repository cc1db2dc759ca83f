#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"

#include <gtest/gtest.h>

namespace patchbay::frontend::openai_responses {
namespace {

TEST(BodyEdits, WriteReasoningAnewWhereThereIsNothingToKeep) {
  for (const char* reasoning : {"null", "{}", "[1]", R"("x")"}) {
    const auto edited = WithTerms(R"({"model":"m","reasoning":)" + std::string(reasoning) + "}", "m",
                                  {.model = "m", .reasoning_effort = "low", .service_tier = ""});
    ASSERT_TRUE(edited.ok());
    EXPECT_EQ(*edited, R"({"model":"m","reasoning":{"effort":"low"}})");
  }
}

TEST(BodyEdits, PutAnEffortInPlaceOfABudgetOfTokens) {
  const auto edited = WithTerms(R"({"model":"m","reasoning":{"max_tokens":60000,"summary":"auto"}})", "m",
                                {.model = "m", .reasoning_effort = "low", .service_tier = ""});
  ASSERT_TRUE(edited.ok());
  EXPECT_EQ(*edited, R"({"model":"m","reasoning":{"effort":"low","summary":"auto"}})");
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
