#include "workers/frontend/call/expected_tokens.h"

#include <gtest/gtest.h>

#include <string>

#include "workers/frontend/call/token_count.h"

namespace patchbay::frontend {
namespace {

TEST(ExpectedTokens, OfARequestInTheCanonicalFormAreCounted) {
  inference::v1::GenerateRequest request;
  request.add_items()->mutable_message()->add_parts()->set_text("Write a haiku about the sea.");
  request.mutable_sampling()->set_max_output_tokens(100);
  const ExpectedTokens expected = ExpectedOf(Payload(request));
  EXPECT_EQ(expected.input, RoughTokens(request));
  EXPECT_GT(expected.input, 0);
  EXPECT_EQ(expected.max_output, 100);
}

TEST(ExpectedTokens, OfABodyGoByItsSizeWithinABound) {
  Payload payload;
  payload.body_bytes = 600;
  payload.max_output_tokens = 64;
  EXPECT_EQ(ExpectedOf(payload).input, 200);
  EXPECT_EQ(ExpectedOf(payload).max_output, 64);
  payload.body_bytes = 64 * kMaxExpectedBytes;
  EXPECT_EQ(ExpectedOf(payload).input, static_cast<std::int64_t>(kMaxExpectedBytes / kBytesPerExpectedToken));
}

TEST(Payload, NamesTheTierOfEitherForm) {
  Payload payload;
  payload.service_tier = "flex";
  EXPECT_EQ(payload.tier(), "flex");
  inference::v1::GenerateRequest request;
  request.set_tier(inference::v1::TIER_PRIORITY);
  EXPECT_EQ(Payload(request).tier(), "priority");
  EXPECT_EQ(Payload(inference::v1::GenerateRequest()).tier(), "");
}

}  // namespace
}  // namespace patchbay::frontend
