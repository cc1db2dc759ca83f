#include "workers/frontend/dialects/common/request/request_facts.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

Call FactsOf(const inference::v1::GenerateRequest& request) {
  Call call;
  TakeFacts(request, call);
  return call;
}

TEST(RequestFacts, NeedWhatTheRequestHas) {
  inference::v1::GenerateRequest request;
  EXPECT_FALSE(FactsOf(request).needs.tools || FactsOf(request).needs.vision || FactsOf(request).needs.json_schema);
  request.add_tools()->mutable_function()->set_name("f");
  EXPECT_TRUE(FactsOf(request).needs.tools);
  request.add_items()->mutable_tool_result()->add_parts()->mutable_image()->set_url("data:image/png;base64,AA");
  EXPECT_TRUE(FactsOf(request).needs.vision) << "a tool's picture is a picture";
  request.mutable_output_format()->set_kind(inference::v1::OutputFormat::KIND_JSON_SCHEMA);
  EXPECT_TRUE(FactsOf(request).needs.json_schema);
}

TEST(RequestFacts, KnowAConversationByWhatEachOfItsTurnsRepeats) {
  inference::v1::GenerateRequest request;
  request.set_instructions("Be brief.");
  auto& first = *request.add_items()->mutable_message();
  first.set_role(inference::v1::ROLE_USER);
  first.add_parts()->set_text("Hello");
  const std::string first_turn = FactsOf(request).affinity.first_turn;
  EXPECT_EQ(first_turn, "Be brief.\nHello");
  auto& later = *request.add_items()->mutable_message();
  later.set_role(inference::v1::ROLE_USER);
  later.add_parts()->set_text("And now?");
  EXPECT_EQ(FactsOf(request).affinity.first_turn, first_turn);
}

}  // namespace
}  // namespace patchbay::frontend
