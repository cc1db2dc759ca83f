// The rows. To teach the gateway a new answer, add a row and its test case.
#include "workers/accounts/pool/verdict.h"

namespace patchbay::accounts {
namespace {

constexpr unsigned Bit(Stage stage) { return 1u << static_cast<unsigned>(stage); }
constexpr unsigned Bit(Body body) { return 1u << static_cast<unsigned>(body); }

constexpr unsigned kHead = Bit(Stage::kStatus);
constexpr unsigned kSaid = Bit(Stage::kStatus) | Bit(Stage::kReported);  // an error status or an error event
constexpr unsigned kReport = Bit(Stage::kReported);
constexpr unsigned kAnyBody = ~0u;
constexpr unsigned kJson = Bit(Body::kJson);
constexpr unsigned kNotJson = Bit(Body::kEmpty) | Bit(Body::kHtml) | Bit(Body::kOther) | Bit(Body::kUnknown);
constexpr unsigned kNoAnswer = Bit(Body::kEmpty) | Bit(Body::kHtml);

using enum Fault;
using enum Effect;
using enum Elsewhere;

// A provider's code, wherever it was said.
constexpr VerdictRow Code(std::string_view code, Fault fault, Effect effect, Elsewhere elsewhere) {
  return {code, kSaid, 0, 599, code, {}, kAnyBody, false, fault, effect, elsewhere};
}
// A request that the provider refuses for what it says.
constexpr VerdictRow Refused(std::string_view code) { return Code(code, kRequest, kNone, kNo); }
// A status, whatever it says.
constexpr VerdictRow Status(std::string_view name, int min, int max, unsigned bodies, Fault fault, Effect effect,
                            Elsewhere elsewhere) {
  return {name, kHead, min, max, {}, {}, bodies, false, fault, effect, elsewhere};
}
// A message, for answers that carry no code (codex-wire §8.1, the FastAPI family).
constexpr VerdictRow Text(std::string_view name, int min, int max, std::string_view message, Fault fault, Effect effect,
                          Elsewhere elsewhere) {
  return {name, kSaid, min, max, {}, message, kAnyBody, false, fault, effect, elsewhere};
}
constexpr VerdictRow Stopped(std::string_view name, Stage stage, Fault fault, Elsewhere elsewhere) {
  return {name, Bit(stage), 0, 599, {}, {}, kAnyBody, false, fault, kNone, elsewhere};
}

constexpr VerdictRow kRows[] = {
    // No answer at all. Before the request was sent the account was not even tried.
    Stopped("gateway", Stage::kGateway, kGateway, kSameToo),
    Stopped("credential", Stage::kCredential, kGateway, kSameToo),
    Stopped("resolve", Stage::kResolve, kPath, kSameToo),
    Stopped("connect", Stage::kConnect, kPath, kSameToo),
    Stopped("tls", Stage::kTls, kPath, kSameToo),
    Stopped("send", Stage::kSend, kPath, kOther),
    Stopped("first_byte", Stage::kFirstByte, kPath, kOther),
    Stopped("stream", Stage::kStream, kPath, kOther),

    // A challenge page blames the way, whatever its status.
    {"challenge", kSaid, 0, 599, {}, {}, kAnyBody, true, kPath, kNone, kOther},

    // What the provider says of the request. Before anything of the account: a policy refusal may be a 403.
    Refused("context_length_exceeded"),
    Refused("cyber_policy"),
    Refused("bio_policy"),
    Refused("misalignment_policy_violation"),
    Refused("invalid_prompt"),
    // Sealed for another account or by an older key: nobody's fault, and the conversation goes on without it.
    Code("invalid_encrypted_content", kRequest, kNone, kUnsealed),
    Refused("previous_response_not_found"),
    Refused("data_residency_mismatch"),
    Refused("invalid_image"),
    Refused("invalid_image_format"),
    Refused("invalid_base64_image"),
    Refused("invalid_image_url"),
    Refused("invalid_image_mode"),
    Refused("image_too_large"),
    Refused("image_too_small"),
    Refused("image_parse_error"),
    Refused("image_content_policy_violation"),
    Refused("image_file_too_large"),
    Refused("image_file_not_found"),
    Refused("unsupported_image_media_type"),
    Refused("empty_image_file"),
    Refused("failed_to_download_image"),
    // In upstream's words: a side question that this backend does not know.
    Refused("endpoint_not_found"),

    // What it says of a model on this account (codex-wire §3.1).
    Text("model_not_on_plan", 400, 404, "model is not supported when using codex", kAccount, kModelUnsupported, kOther),
    Code("model_not_found", kAccount, kModelUnsupported, kOther),
    Code("model_not_supported", kAccount, kModelUnsupported, kOther),

    // What it says of the account.
    Code("account_deactivated", kAccount, kBan, kOther),
    Code("deactivated_workspace", kAccount, kBan, kOther),
    Code("usage_not_included", kAccount, kBan, kOther),
    Text("deactivated", 401, 403, "deactivated", kAccount, kBan, kOther),
    Code("token_expired", kAccount, kRefresh, kOther),
    Code("token_invalidated", kAccount, kRefresh, kOther),
    Code("token_revoked", kAccount, kRefresh, kOther),
    Code("usage_limit_reached", kAccount, kExhaust, kOther),
    Code("insufficient_quota", kAccount, kExhaust, kOther),
    Code("workspace_owner_credits_depleted", kAccount, kExhaust, kOther),
    Code("workspace_member_credits_depleted", kAccount, kExhaust, kOther),
    Code("workspace_owner_usage_limit_reached", kAccount, kExhaust, kOther),
    Code("workspace_member_usage_limit_reached", kAccount, kExhaust, kOther),
    Code("rate_limit_exceeded", kAccount, kThrottle, kOther),

    // What it says of itself and of the way.
    Code("server_is_overloaded", kPath, kNone, kOther),
    Code("slow_down", kPath, kNone, kOther),
    Code("server_error", kPath, kNone, kOther),
    Code("unsupported_country_region_territory", kPath, kNone, kOther),

    // Statuses without a code we know.
    Status("unauthorized", 401, 401, kAnyBody, kAccount, kRefresh, kOther),
    Status("payment_required", 402, 402, kAnyBody, kAccount, kExhaust, kOther),
    Status("forbidden", 403, 403, kJson, kAccount, kBan, kOther),
    Status("forbidden_page", 403, 403, kNotJson, kPath, kNone, kOther),
    Status("no_such_route", 404, 404, kNoAnswer, kPath, kNone, kOther),
    Status("not_found", 404, 404, kAnyBody, kRequest, kNone, kNo),
    Status("request_timeout", 408, 408, kAnyBody, kPath, kNone, kOther),
    Status("upgrade_required", 426, 426, kAnyBody, kPath, kNone, kOther),
    Status("too_many_requests", 429, 429, kAnyBody, kAccount, kThrottle, kOther),
    Status("bad_request", 400, 499, kAnyBody, kRequest, kNone, kNo),
    Status("overloaded", 503, 503, kAnyBody, kPath, kNone, kOther),
    Status("gateway_timeout", 504, 504, kAnyBody, kPath, kNone, kOther),
    Status("server_failure", 500, 599, kAnyBody, kPath, kNone, kOther),
    Status("odd_status", 0, 399, kAnyBody, kPath, kNone, kOther),

    // An error event that says nothing we know is the provider's trouble (codex-wire §8.3: retryable).
    {"reported", kReport, 0, 599, {}, {}, kAnyBody, false, kPath, kNone, kOther},
};

}  // namespace

std::span<const VerdictRow> VerdictTable() { return kRows; }

}  // namespace patchbay::accounts
