// The rows. What a provider's words mean its dialect says (upstream); here stands what that means for its account.
#include "workers/accounts/pool/verdict.h"

namespace patchbay::accounts {
namespace {

constexpr unsigned Bit(Stage stage) { return 1u << static_cast<unsigned>(stage); }
constexpr unsigned Bit(Body body) { return 1u << static_cast<unsigned>(body); }

constexpr unsigned kHead = Bit(Stage::kStatus);
constexpr unsigned kSaid = Bit(Stage::kStatus) | Bit(Stage::kReported);  // an error status or an error event
constexpr unsigned kReport = Bit(Stage::kReported);
constexpr unsigned kAnyBody = ~0u;
constexpr std::nullopt_t kAnyCause = std::nullopt;
constexpr unsigned kJson = Bit(Body::kJson);
constexpr unsigned kNotJson = Bit(Body::kEmpty) | Bit(Body::kHtml) | Bit(Body::kOther) | Bit(Body::kUnknown);
constexpr unsigned kNoAnswer = Bit(Body::kEmpty) | Bit(Body::kHtml);

using enum Fault;
using enum Effect;
using enum Elsewhere;
using enum Evidence;

// What the provider's dialect understood, wherever it was said.
constexpr VerdictRow Because(std::string_view name, Cause cause, Fault fault, Effect effect, Elsewhere elsewhere) {
  return {name, kSaid, 0, 599, cause, kAnyBody, false, fault, effect, elsewhere, kWeak};
}
// What it says of the account itself: no other account's answer can make it untrue.
constexpr VerdictRow OfItself(std::string_view name, Cause cause, Effect effect) {
  return {name, kSaid, 0, 599, cause, kAnyBody, false, kAccount, effect, kOther, kStrong};
}
// A request that the provider refuses for what it says.
constexpr VerdictRow Refused(std::string_view name, Cause cause) { return Because(name, cause, kRequest, kNone, kNo); }
// A status, whatever it says.
constexpr VerdictRow Status(std::string_view name, int min, int max, unsigned bodies, Fault fault, Effect effect,
                            Elsewhere elsewhere) {
  return {name, kHead, min, max, kAnyCause, bodies, false, fault, effect, elsewhere, kWeak};
}
constexpr VerdictRow Stopped(std::string_view name, Stage stage, Fault fault, Elsewhere elsewhere) {
  return {name, Bit(stage), 0, 599, kAnyCause, kAnyBody, false, fault, kNone, elsewhere, kWeak};
}

constexpr VerdictRow kRows[] = {
    // No answer at all. Before the request was sent the account was not even tried.
    Stopped("gateway", Stage::kGateway, kGateway, kSameToo),
    Stopped("no_credential", Stage::kCredential, kGateway, kSameToo),
    Stopped("resolve", Stage::kResolve, kPath, kSameToo),
    Stopped("connect", Stage::kConnect, kPath, kSameToo),
    Stopped("tls", Stage::kTls, kPath, kSameToo),
    Stopped("send", Stage::kSend, kPath, kOther),
    Stopped("first_byte", Stage::kFirstByte, kPath, kOther),
    Stopped("stream", Stage::kStream, kPath, kOther),

    // A challenge page blames the way, whatever its status.
    {"challenge", kSaid, 0, 599, kAnyCause, kAnyBody, true, kPath, kNone, kOther, kWeak},

    // What the provider says of the request.
    Refused("context_too_long", Cause::kContextTooLong),
    Refused("policy", Cause::kPolicy),
    Refused("bad_media", Cause::kBadMedia),
    Refused("previous_response", Cause::kPreviousResponse),
    Refused("no_endpoint", Cause::kNoEndpoint),
    Refused("bad_request", Cause::kBadRequest),
    // Sealed for another account or by an older key: nobody's fault, and the conversation goes on without it.
    Because("sealed_reasoning", Cause::kSealedReasoning, kRequest, kNone, kUnsealed),

    // What it says of a model on this account. Weak: a name that nobody has would go round every account.
    Because("model", Cause::kModel, kAccount, kModelUnsupported, kOther),

    // What it says of the account.
    OfItself("deactivated", Cause::kDeactivated, kBan),
    OfItself("not_included", Cause::kNotIncluded, kBan),
    OfItself("credential", Cause::kCredential, kRefresh),
    OfItself("exhausted", Cause::kExhausted, kExhaust),
    // A request that is too large for the limit of a minute is refused with these words by every account.
    Because("rate_limited", Cause::kRateLimited, kAccount, kThrottle, kOther),

    // What it says of itself and of the way.
    Because("overloaded", Cause::kOverloaded, kPath, kOverload, kOther),
    Because("server_error", Cause::kServerError, kPath, kNone, kOther),
    Because("region", Cause::kRegion, kPath, kNone, kOther),

    // Statuses whose words say nothing that was understood.
    Status("unauthorized", 401, 401, kAnyBody, kAccount, kRefresh, kOther),
    Status("payment_required", 402, 402, kAnyBody, kAccount, kExhaust, kOther),
    Status("forbidden", 403, 403, kJson, kAccount, kSuspect, kOther),
    Status("forbidden_page", 403, 403, kNotJson, kPath, kNone, kOther),
    Status("no_such_route", 404, 404, kNoAnswer, kPath, kNone, kOther),
    Status("not_found", 404, 404, kAnyBody, kRequest, kNone, kNo),
    Status("request_timeout", 408, 408, kAnyBody, kPath, kNone, kOther),
    Status("upgrade_required", 426, 426, kAnyBody, kPath, kNone, kOther),
    Status("too_many_requests", 429, 429, kAnyBody, kAccount, kThrottle, kOther),
    Status("refused", 400, 499, kAnyBody, kRequest, kNone, kNo),
    Status("unavailable", 503, 503, kAnyBody, kPath, kOverload, kOther),
    Status("site_overloaded", 529, 529, kAnyBody, kPath, kOverload, kOther),
    Status("gateway_timeout", 504, 504, kAnyBody, kPath, kNone, kOther),
    Status("server_failure", 500, 599, kAnyBody, kPath, kNone, kOther),
    Status("odd_status", 0, 399, kAnyBody, kPath, kNone, kOther),

    // An error event that says nothing we know is the provider's trouble (codex-wire §8.3: retryable).
    {"reported", kReport, 0, 599, kAnyCause, kAnyBody, false, kPath, kNone, kOther, kWeak},
};

}  // namespace

std::span<const VerdictRow> VerdictTable() { return kRows; }

}  // namespace patchbay::accounts
