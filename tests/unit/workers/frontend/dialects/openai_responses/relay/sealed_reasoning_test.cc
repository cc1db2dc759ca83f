#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using Payload = std::variant<inference::v1::GenerateRequest, RawRequest>;

TEST(SealedReasoning, IsLeftOutOfACanonicalRequest) {
  inference::v1::GenerateRequest request;
  request.add_items()->mutable_message();
  request.add_items()->mutable_reasoning()->set_encrypted_content("gAAAA");
  auto& call = *request.add_items();
  call.set_id("fc_1");
  call.mutable_tool_call()->set_name("f");
  Payload payload = std::move(request);
  ASSERT_TRUE(DropSealedReasoning(payload));
  const auto& left = std::get<inference::v1::GenerateRequest>(payload);
  ASSERT_EQ(left.items_size(), 2);
  EXPECT_EQ(left.items(1).tool_call().name(), "f");
  EXPECT_EQ(left.items(1).id(), "");
  EXPECT_FALSE(DropSealedReasoning(payload)) << "there is none any more";
}

TEST(SealedReasoning, IsLeftOutOfABodyOfResponses) {
  Payload payload = RawRequest{
      .dialect = "openai_responses",
      .body =
          R"({"model":"m","input":[{"type":"reasoning","id":"rs_1","encrypted_content":"g"},{"type":"message","id":"msg_1"},)"
          R"({"type":"compaction","id":"cmp_1"}],"x":1.50})"};
  ASSERT_TRUE(DropSealedReasoning(payload));
  EXPECT_EQ(std::get<RawRequest>(payload).body,
            R"({"model":"m","input":[{"type":"message"},{"type":"compaction","id":"cmp_1"}],"x":1.50})");
  EXPECT_FALSE(DropSealedReasoning(payload));
}

TEST(SealedReasoning, LeavesABodyAloneThatHasNone) {
  for (const char* body :
       {R"({"model":"m"})", R"({"input":"text"})", R"({"input":[]})", R"({"input":[{"id":"msg_1"}]})"}) {
    Payload payload = RawRequest{.dialect = "openai_responses", .body = body};
    EXPECT_FALSE(DropSealedReasoning(payload));
    EXPECT_EQ(std::get<RawRequest>(payload).body, body);
  }
}

}  // namespace
}  // namespace patchbay::frontend
