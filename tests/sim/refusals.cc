#include "tests/sim/refusals.h"

#include <array>

#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

constexpr std::string_view kOverloaded = "Our servers are currently overloaded. Please try again later.";

// A refusal that is only a status and an API error.
struct ApiKind {
  std::string_view kind;
  unsigned status;
  std::string_view type;
  std::string_view code;
  std::string_view param;
  std::string_view message;
};

constexpr std::array<ApiKind, 19> kApiKinds = {{
    {"insufficient_quota", 429, "insufficient_quota", "insufficient_quota", "",
     "You exceeded your current quota, please check your plan and billing details."},
    {"context_length_exceeded", 400, "invalid_request_error", "context_length_exceeded", "input",
     "Your input exceeds the context window of this model. Please adjust your input and try again."},
    {"cyber_policy", 400, "invalid_request_error", "cyber_policy", "",
     "This request was flagged for potentially violating the cyber policy."},
    {"misalignment_policy_violation", 400, "invalid_request_error", "misalignment_policy_violation", "",
     "This request was flagged for a policy violation."},
    {"invalid_image", 400, "invalid_request_error", "invalid_image", "input",
     "The image data you provided does not represent a valid image. Please check your input and try again."},
    {"invalid_encrypted_content", 400, "invalid_request_error", "invalid_encrypted_content", "",
     "The encrypted content gAAA…Rg== could not be verified."},
    {"ban", 403, "invalid_request_error", "account_deactivated", "",
     "Your OpenAI account has been deactivated, please check your email for more information."},
    {"geo", 403, "request_forbidden", "unsupported_country_region_territory", "",
     "Country, region, or territory not supported"},
    {"too_large", 413, "invalid_request_error", "request_too_large", "", "The request body is too large."},
    {"server_error", 500, "server_error", "server_error", "",
     "An error occurred while processing your request. You can retry your request, or contact us through our help "
     "center if the error persists."},
    {"overloaded", 503, "service_unavailable_error", "server_is_overloaded", "", kOverloaded},
    {"server_is_overloaded", 503, "service_unavailable_error", "server_is_overloaded", "", kOverloaded},
    {"slow_down", 503, "service_unavailable_error", "slow_down", "", "Slow down. Please try again later."},
    // Of the public API alone.
    {"invalid_api_key", 401, "invalid_request_error", "invalid_api_key", "",
     "Incorrect API key provided: sk-sim-****wxyz. You can find your API key at https://platform.openai.com/"
     "account/api-keys."},
    {"model_not_found", 404, "invalid_request_error", "model_not_found", "",
     "The model `gpt-x` does not exist or you do not have access to it."},
    {"content_filter", 400, "invalid_request_error", "content_filter", "prompt",
     "The response was filtered due to the prompt triggering the content management policy."},
    {"overflow", 400, "invalid_request_error", "", "messages",
     "This model's maximum context length is 128000 tokens. However, your messages resulted in 130001 tokens."},
    {"balance", 402, "unknown_error", "invalid_request_error", "", "Insufficient Balance"},
    {"unprocessable", 422, "invalid_request_error", "invalid_value", "", "The request could not be processed."},
}};

// The other kinds, each with a shape of its own.
constexpr std::array<std::string_view, 18> kOtherKinds = {"upgrade_required",
                                                          "usage_limit_reached",
                                                          "usage_not_included",
                                                          "rate_limit_exceeded",
                                                          "burst",
                                                          "unauthorized",
                                                          "token_invalidated",
                                                          "token_expired",
                                                          "token_revoked",
                                                          "account_deactivated",
                                                          "deactivated_workspace",
                                                          "challenge",
                                                          "blocked",
                                                          "empty",
                                                          "model",
                                                          "html",
                                                          "unsupported",
                                                          "not_found"};

std::string_view DefaultKind(long long code) {
  switch (code) {
    case 401: return "unauthorized";
    case 402: return "deactivated_workspace";
    case 403: return "ban";
    case 404: return "empty";
    case 413: return "too_large";
    case 422: return "unprocessable";
    case 426: return "upgrade_required";
    case 429: return "rate_limit_exceeded";
    case 500: return "server_error";
    case 502:
    case 504: return "html";
    case 503: return "overloaded";
    default: return "";
  }
}

Reply HtmlPage(unsigned status, std::string_view title, std::string_view text) {
  Reply reply;
  reply.status = status;
  reply.content_type = "text/html; charset=UTF-8";
  reply.body = "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>" + std::string(title) +
               "</title><meta name=\"robots\" content=\"noindex,nofollow\"></head>\n<body><h1>" + std::string(title) +
               "</h1><p>" + std::string(text) + "</p><p>Cloudflare Ray ID: 8f0000000000abcd</p></body></html>\n";
  return reply;
}

Reply RateLimitExceeded(const Scenario& scenario) {
  Reply reply = ApiErrorReply(
      429,
      "Rate limit reached for requests. Please try again in " + std::string(scenario.Text("retry_after", "1")) + "s.",
      "requests", "", "rate_limit_exceeded");
  if (scenario.Has("retry_after")) reply.AddHeader("retry-after", scenario.Text("retry_after"));
  return reply;
}

}  // namespace

Reply DetailReply(unsigned status, std::string_view text) {
  Reply reply;
  reply.status = status;
  reply.body = "{\"detail\":";
  AppendJsonString(reply.body, text);
  reply.body += '}';
  return reply;
}

Reply ApiErrorReply(unsigned status, std::string_view message, std::string_view type, std::string_view param,
                    std::string_view code) {
  const auto text_or_null = [](std::string& out, std::string_view text) {
    text.empty() ? void(out += "null") : AppendJsonString(out, text);
  };
  Reply reply;
  reply.status = status;
  reply.body = "{\"error\":{\"message\":";
  AppendJsonString(reply.body, message);
  reply.body += ",\"type\":";
  AppendJsonString(reply.body, type);
  reply.body += ",\"param\":";
  text_or_null(reply.body, param);
  reply.body += ",\"code\":";
  text_or_null(reply.body, code);
  reply.body += "}}";
  return reply;
}

Reply InvalidRequest(std::string_view message, std::string_view param, std::string_view code) {
  return ApiErrorReply(400, message, "invalid_request_error", param, code);
}

Reply InvalidValue(std::string_view param, std::string_view value, std::string_view supported) {
  return InvalidRequest(
      "Invalid value: '" + std::string(value) + "'. Supported values are: " + std::string(supported) + ".", param,
      "invalid_value");
}

Reply UnknownParameter(std::string_view param) {
  return InvalidRequest("Unknown parameter: '" + std::string(param) + "'.", param, "unknown_parameter");
}

Reply MissingParameter(std::string_view param) {
  return InvalidRequest("Missing required parameter: '" + std::string(param) + "'.", param,
                        "missing_required_parameter");
}

Reply InvalidType(std::string_view param, std::string_view expected) {
  return InvalidRequest("Invalid type for '" + std::string(param) + "': expected " + std::string(expected) + ".", param,
                        "invalid_type");
}

Reply InvalidEncryptedContent(std::string_view content) {
  const std::string head(content.substr(0, 4));
  const std::string tail(content.size() > 8 ? content.substr(content.size() - 4) : std::string_view{});
  return InvalidRequest("The encrypted content " + head + "…" + tail + " could not be verified.", "",
                        "invalid_encrypted_content");
}

Reply ItemNotFound(std::string_view id) {
  return ApiErrorReply(404,
                       "Item with id '" + std::string(id) +
                           "' not found. Items are not persisted when `store` is set to false. Try again with `store` "
                           "set to true, or remove this item from your input.",
                       "invalid_request_error", "input", "");
}

Reply AuthRefusal(std::string_view kind) {
  if (kind == "unauthorized") return DetailReply(401, "Unauthorized");
  std::string_view message = "Your authentication token has been revoked. Please try signing in again.";
  if (kind == "token_invalidated")
    message = "Your authentication token has been invalidated. Please try signing in again.";
  if (kind == "token_expired") message = "Your authentication token has expired. Please try signing in again.";
  if (kind == "account_deactivated") message = "Your OpenAI account has been deactivated. Please contact support.";
  Reply reply = ApiErrorReply(401, message, "invalid_request_error", "", kind);
  reply.body.pop_back();
  reply.body += ",\"status\":401}";
  return reply;
}

Reply ChallengePage() {
  Reply reply = HtmlPage(403, "Just a moment...", "Enable JavaScript and cookies to continue");
  reply.AddHeader("cf-mitigated", "challenge");
  return reply;
}

Reply UsageLimitReached(std::string_view plan, long long resets_at, long long resets_in) {
  Reply reply;
  reply.status = 429;
  reply.body =
      "{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"The usage limit has been reached\",\"plan_type\":";
  AppendJsonString(reply.body, plan);
  reply.body += ",\"resets_at\":";
  AppendNumber(reply.body, resets_at);
  reply.body += ",\"eligible_promo\":null,\"resets_in_seconds\":";
  AppendNumber(reply.body, resets_in);
  reply.body += "}}";
  return reply;
}

bool IsRefusalKind(std::string_view kind) {
  for (const ApiKind& known : kApiKinds) {
    if (known.kind == kind) return true;
  }
  for (const std::string_view known : kOtherKinds) {
    if (known == kind) return true;
  }
  return false;
}

std::optional<Reply> RefusalFor(const Scenario& scenario, std::string_view plan, long long now) {
  const long long code = scenario.Number("code");
  const std::string_view kind = scenario.Text("kind", DefaultKind(code));
  const auto with_code = [&](Reply reply) {
    if (code >= 400 && code <= 599) reply.status = static_cast<unsigned>(code);
    return reply;
  };
  for (const ApiKind& known : kApiKinds) {
    if (known.kind != kind) continue;
    const std::string_view message = scenario.Text("message", known.message);
    return with_code(ApiErrorReply(known.status, message, known.type, known.param, known.code));
  }
  if (kind == "usage_limit_reached") {
    const long long resets_in = scenario.Number("resets_in", 13540);
    return UsageLimitReached(plan, now + resets_in, resets_in);
  }
  if (kind == "usage_not_included") {
    Reply reply;
    reply.status = 429;
    reply.body =
        R"({"error":{"type":"usage_not_included","message":"To use Codex with your ChatGPT plan, upgrade to Plus."}})";
    return reply;
  }
  if (kind == "rate_limit_exceeded") return RateLimitExceeded(scenario);
  if (kind == "burst") {
    Reply reply = DetailReply(429, "Rate limit exceeded");
    if (scenario.Has("retry_after")) reply.AddHeader("retry-after", scenario.Text("retry_after"));
    return reply;
  }
  if (kind == "unauthorized" || kind == "token_invalidated" || kind == "token_expired" || kind == "token_revoked" ||
      kind == "account_deactivated") {
    return AuthRefusal(kind);
  }
  if (kind == "deactivated_workspace") {
    Reply reply;
    reply.status = 402;
    reply.body = R"({"detail":{"code":"deactivated_workspace"}})";
    return with_code(reply);
  }
  if (kind == "upgrade_required") return DetailReply(426, "Upgrade Required");
  if (kind == "challenge") return ChallengePage();
  if (kind == "blocked") {
    return HtmlPage(403, "Attention Required! | Cloudflare",
                    "Sorry, you have been blocked. You are unable to access chatgpt.com");
  }
  if (kind == "html") return with_code(HtmlPage(502, "Bad gateway", "The web server reported a bad gateway error."));
  if (kind == "empty") {
    Reply reply;
    reply.status = 404;
    reply.content_type.clear();
    return with_code(reply);
  }
  if (kind == "not_found") return with_code(ApiErrorReply(404, "Not found.", "invalid_request_error", "", ""));
  if (kind == "model") {
    return with_code(DetailReply(400, "The '" + std::string(scenario.Text("model", "gpt-x")) +
                                          "' model is not supported when using Codex with a ChatGPT account."));
  }
  if (kind == "unsupported") {
    return DetailReply(400, "Unsupported parameter: " + std::string(scenario.Text("param", "service_tier")));
  }
  return std::nullopt;
}

}  // namespace patchbay::sim
