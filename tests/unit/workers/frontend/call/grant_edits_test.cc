#include "workers/frontend/call/grant_edits.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

// Writes down what it is asked to put in.
class FakeDialect final : public RawDialect {
 public:
  std::string_view name() const override { return "fake"; }
  Result<std::string> WithTerms(std::string body, const std::string& model, const GrantTerms& terms) const override {
    return body + "[" + model + ">" + terms.model + "," + terms.reasoning_effort + "," + terms.service_tier + "]";
  }
  bool DropSealedReasoning(std::string& body) const override {
    const std::size_t at = body.find("sealed");
    if (at != std::string::npos) body.erase(at, 6);
    return at != std::string::npos;
  }
  std::int64_t EstimateInputTokens(const std::string&) const override { return 0; }
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }
};

TEST(GrantEdits, TellARawBodyOnlyWhatItDoesNotSayYet) {
  const FakeDialect dialect;
  Payload payload = RawRequest{.dialect = &dialect, .body = ""};
  GrantEdits edits("client");
  const GrantTerms terms{.model = "wire", .reasoning_effort = "high", .service_tier = "fast"};
  EXPECT_FALSE(*edits.Apply(terms, payload));
  EXPECT_FALSE(*edits.Apply(terms, payload));
  EXPECT_EQ(std::get<RawRequest>(payload).body, "[client>wire,high,fast][wire>wire,,]");
}

TEST(GrantEdits, LeaveTheEffortThatARawBodySaysItselfAsItIs) {
  const FakeDialect dialect;
  Payload payload = RawRequest{.dialect = &dialect, .body = "", .reasoning_effort = "max"};
  GrantEdits edits("m", "max");
  EXPECT_TRUE(edits.Apply({.model = "m", .reasoning_effort = "max", .service_tier = ""}, payload).ok());
  EXPECT_TRUE(edits.Apply({.model = "n", .reasoning_effort = "xhigh", .service_tier = ""}, payload).ok());
  EXPECT_TRUE(edits.Apply({.model = "o", .reasoning_effort = "", .service_tier = ""}, payload).ok());
  EXPECT_EQ(std::get<RawRequest>(payload).body, "[m>m,,][m>n,xhigh,][n>o,max,]")
      << "its own again on a model that has it";
}

TEST(GrantEdits, GiveACanonicalRequestItsOwnEffortBack) {
  inference::v1::GenerateRequest request;
  request.mutable_reasoning()->set_effort("max");
  Payload payload = request;
  GrantEdits edits("m", "max");
  const auto effort = [&] { return std::get<inference::v1::GenerateRequest>(payload).reasoning().effort(); };
  EXPECT_TRUE(edits.Apply({.model = "m", .reasoning_effort = "xhigh", .service_tier = ""}, payload).ok());
  EXPECT_EQ(effort(), "xhigh");
  EXPECT_TRUE(edits.Apply({.model = "n", .reasoning_effort = "", .service_tier = ""}, payload).ok());
  EXPECT_EQ(effort(), "max");
}

TEST(GrantEdits, AskForTheTierThatTheGrantNames) {
  for (const auto& [word, tier] :
       {std::pair("priority", inference::v1::TIER_PRIORITY), std::pair("flex", inference::v1::TIER_FLEX),
        std::pair("scale", inference::v1::TIER_SCALE), std::pair("", inference::v1::TIER_AUTO)}) {  // the request's own
    inference::v1::GenerateRequest request;
    request.set_tier(inference::v1::TIER_AUTO);
    Payload payload = request;
    GrantEdits edits("m");
    EXPECT_TRUE(edits.Apply({.model = "m", .reasoning_effort = "", .service_tier = word}, payload).ok());
    EXPECT_EQ(std::get<inference::v1::GenerateRequest>(payload).tier(), tier) << word;
  }
}

TEST(GrantEdits, LeaveSealedReasoningOutOnlyWhereTheGrantSaysSo) {
  const FakeDialect dialect;
  Payload payload = RawRequest{.dialect = &dialect, .body = "sealed"};
  GrantEdits edits("m");
  GrantTerms terms{.model = "m", .reasoning_effort = "", .service_tier = ""};
  EXPECT_FALSE(*edits.Apply(terms, payload));
  terms.without_sealed_reasoning = true;
  EXPECT_TRUE(*edits.Apply(terms, payload));
  EXPECT_FALSE(*edits.Apply(terms, payload)) << "there is none any more";
}

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

}  // namespace
}  // namespace patchbay::frontend
