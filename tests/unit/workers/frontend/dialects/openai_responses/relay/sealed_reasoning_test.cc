#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"

#include <gtest/gtest.h>

namespace patchbay::frontend::openai_responses {
namespace {

TEST(SealedReasoning, IsLeftOutOfABodyOfResponses) {
  std::string body =
      R"({"model":"m","input":[{"type":"reasoning","id":"rs_1","encrypted_content":"g"},{"type":"message","id":"msg_1"},)"
      R"({"type":"compaction","id":"cmp_1"}],"x":1.50})";
  ASSERT_TRUE(DropReasoning(body, Reasoning::kAny));
  EXPECT_EQ(body, R"({"model":"m","input":[{"type":"message"},{"type":"compaction","id":"cmp_1"}],"x":1.50})");
  EXPECT_FALSE(DropReasoning(body, Reasoning::kAny));
}

TEST(SealedReasoning, IsLeftOutOnlyWhereItIsInAnEnvelopeOfOurs) {
  std::string body =
      R"({"input":[{"type":"reasoning","encrypted_content":"cGF0Y2hiYXkxAAAA"},{"type":"reasoning","encrypted_content":"g"}]})";
  ASSERT_TRUE(DropReasoning(body, Reasoning::kEnveloped));
  EXPECT_EQ(body, R"({"input":[{"type":"reasoning","encrypted_content":"g"}]})");
  EXPECT_FALSE(DropReasoning(body, Reasoning::kEnveloped));
}

TEST(SealedReasoning, LeavesABodyAloneThatHasNone) {
  for (const std::string text :
       {R"({"model":"m"})", R"({"input":"text"})", R"({"input":[]})", R"({"input":[{"id":"msg_1"}]})"}) {
    std::string body = text;
    EXPECT_FALSE(DropReasoning(body, Reasoning::kAny));
    EXPECT_EQ(body, text);
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
