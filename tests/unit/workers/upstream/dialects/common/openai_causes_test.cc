#include "workers/upstream/dialects/common/openai_causes.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

inf::Cause CauseOfWords(int status, const std::string& code, const std::string& type = "") {
  inf::Failure failure;
  failure.set_http_status(status);
  failure.set_code(code);
  failure.set_type(type);
  return OpenAiCauseOf(failure);
}

struct Row {
  inf::Cause cause;
  std::initializer_list<const char*> words;
};

// codex-wire §8.2, §8.3.
TEST(OpenAiCauses, AreThoseOfTheCodesThatAreKnown) {
  const Row rows[] = {
      {inf::CAUSE_CONTEXT_TOO_LONG, {"context_length_exceeded"}},
      {inf::CAUSE_BAD_REQUEST, {"invalid_prompt", "data_residency_mismatch"}},
      {inf::CAUSE_POLICY,
       {"cyber_policy", "bio_policy", "misalignment_policy_violation", "content_policy_violation", "content_filter",
        "image_content_policy_violation"}},
      {inf::CAUSE_BAD_MEDIA,
       {"invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url", "invalid_image_mode",
        "image_too_large", "image_too_small", "image_parse_error", "image_file_too_large", "image_file_not_found",
        "unsupported_image_media_type", "empty_image_file", "failed_to_download_image"}},
      {inf::CAUSE_SEALED_REASONING, {"invalid_encrypted_content"}},
      {inf::CAUSE_PREVIOUS_RESPONSE, {"previous_response_not_found"}},
      {inf::CAUSE_MODEL, {"model_not_found", "model_not_supported"}},
      {inf::CAUSE_DEACTIVATED, {"account_deactivated", "deactivated_workspace"}},
      {inf::CAUSE_NOT_INCLUDED, {"usage_not_included"}},
      {inf::CAUSE_CREDENTIAL, {"token_expired", "token_invalidated", "token_revoked", "invalid_api_key"}},
      {inf::CAUSE_EXHAUSTED,
       {"usage_limit_reached", "insufficient_quota", "workspace_owner_credits_depleted",
        "workspace_member_credits_depleted", "workspace_owner_usage_limit_reached",
        "workspace_member_usage_limit_reached"}},
      {inf::CAUSE_RATE_LIMITED, {"rate_limit_exceeded"}},
      {inf::CAUSE_OVERLOADED, {"server_is_overloaded", "slow_down"}},
      {inf::CAUSE_SERVER_ERROR, {"server_error"}},
      {inf::CAUSE_REGION, {"unsupported_country_region_territory"}},
  };
  for (const Row& row : rows) {
    for (const char* word : row.words) {
      EXPECT_EQ(CauseOfWords(400, word), row.cause) << word;
      EXPECT_EQ(CauseOfWords(429, "", word), row.cause) << word << " as the type";
    }
  }
}

TEST(OpenAiCauses, GoByTheCodeBeforeTheType) {
  EXPECT_EQ(CauseOfWords(429, "insufficient_quota", "rate_limit_exceeded"), inf::CAUSE_EXHAUSTED);
  EXPECT_EQ(CauseOfWords(429, "never_seen", "usage_limit_reached"), inf::CAUSE_EXHAUSTED);
}

TEST(OpenAiCauses, TakeTheTypeOfAFaultOfTheRequestOnlyWhereNoStatusSpeaks) {
  EXPECT_EQ(CauseOfWords(0, "never_seen", "invalid_request_error"), inf::CAUSE_BAD_REQUEST);
  EXPECT_EQ(CauseOfWords(401, "never_seen", "invalid_request_error"), inf::CAUSE_UNSPECIFIED);
}

TEST(OpenAiCauses, AreUnspecifiedForWordsThatAreNotKnown) {
  EXPECT_EQ(CauseOfWords(400, "invalid_value"), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(CauseOfWords(500, ""), inf::CAUSE_UNSPECIFIED);
}

}  // namespace
}  // namespace patchbay::upstream
