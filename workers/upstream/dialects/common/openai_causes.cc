#include "workers/upstream/dialects/common/openai_causes.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

struct Word {
  std::string_view word;
  inf::Cause cause;
};

constexpr Word kWords[] = {
    // Of the request.
    {"context_length_exceeded", inf::CAUSE_CONTEXT_TOO_LONG},
    {"invalid_prompt", inf::CAUSE_BAD_REQUEST},
    {"data_residency_mismatch", inf::CAUSE_BAD_REQUEST},
    {"cyber_policy", inf::CAUSE_POLICY},
    {"bio_policy", inf::CAUSE_POLICY},
    {"misalignment_policy_violation", inf::CAUSE_POLICY},
    {"content_policy_violation", inf::CAUSE_POLICY},
    {"content_filter", inf::CAUSE_POLICY},
    {"image_content_policy_violation", inf::CAUSE_POLICY},
    {"invalid_image", inf::CAUSE_BAD_MEDIA},
    {"invalid_image_format", inf::CAUSE_BAD_MEDIA},
    {"invalid_base64_image", inf::CAUSE_BAD_MEDIA},
    {"invalid_image_url", inf::CAUSE_BAD_MEDIA},
    {"invalid_image_mode", inf::CAUSE_BAD_MEDIA},
    {"image_too_large", inf::CAUSE_BAD_MEDIA},
    {"image_too_small", inf::CAUSE_BAD_MEDIA},
    {"image_parse_error", inf::CAUSE_BAD_MEDIA},
    {"image_file_too_large", inf::CAUSE_BAD_MEDIA},
    {"image_file_not_found", inf::CAUSE_BAD_MEDIA},
    {"unsupported_image_media_type", inf::CAUSE_BAD_MEDIA},
    {"empty_image_file", inf::CAUSE_BAD_MEDIA},
    {"failed_to_download_image", inf::CAUSE_BAD_MEDIA},
    {"invalid_encrypted_content", inf::CAUSE_SEALED_REASONING},
    {"previous_response_not_found", inf::CAUSE_PREVIOUS_RESPONSE},
    // Of a model on this account.
    {"model_not_found", inf::CAUSE_MODEL},
    {"model_not_supported", inf::CAUSE_MODEL},
    // Of the account.
    {"account_deactivated", inf::CAUSE_DEACTIVATED},
    {"deactivated_workspace", inf::CAUSE_DEACTIVATED},
    {"usage_not_included", inf::CAUSE_NOT_INCLUDED},
    {"token_expired", inf::CAUSE_CREDENTIAL},
    {"token_invalidated", inf::CAUSE_CREDENTIAL},
    {"token_revoked", inf::CAUSE_CREDENTIAL},
    {"invalid_api_key", inf::CAUSE_CREDENTIAL},
    {"usage_limit_reached", inf::CAUSE_EXHAUSTED},
    {"insufficient_quota", inf::CAUSE_EXHAUSTED},
    {"workspace_owner_credits_depleted", inf::CAUSE_EXHAUSTED},
    {"workspace_member_credits_depleted", inf::CAUSE_EXHAUSTED},
    {"workspace_owner_usage_limit_reached", inf::CAUSE_EXHAUSTED},
    {"workspace_member_usage_limit_reached", inf::CAUSE_EXHAUSTED},
    {"rate_limit_exceeded", inf::CAUSE_RATE_LIMITED},
    // Of the provider and the way to it.
    {"server_is_overloaded", inf::CAUSE_OVERLOADED},
    {"slow_down", inf::CAUSE_OVERLOADED},
    {"server_error", inf::CAUSE_SERVER_ERROR},
    {"unsupported_country_region_territory", inf::CAUSE_REGION},
};

inf::Cause CauseOfWord(std::string_view word) {
  const auto found =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& row) { return row.word == word; });
  return found == std::end(kWords) ? inf::CAUSE_UNSPECIFIED : found->cause;
}

}  // namespace

inf::Cause OpenAiCauseOf(const inf::Failure& failure) {
  if (const inf::Cause cause = CauseOfWord(failure.code()); cause != inf::CAUSE_UNSPECIFIED) return cause;
  if (const inf::Cause cause = CauseOfWord(failure.type()); cause != inf::CAUSE_UNSPECIFIED) return cause;
  // The type is also that of a refused account: it says something only where no status does.
  const bool of_request = failure.type() == "invalid_request_error" && failure.http_status() == 0;
  return of_request ? inf::CAUSE_BAD_REQUEST : inf::CAUSE_UNSPECIFIED;
}

}  // namespace patchbay::upstream
