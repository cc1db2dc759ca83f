#include "workers/accounts/providers/codex/usage_reply.h"

#include <cmath>

#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

// A number of seconds that can be added to a time without overflow; nothing for anything else.
std::optional<std::chrono::seconds> Seconds(const json& value) {
  const auto number = wire::NumberOf(value);
  if (!number || !std::isfinite(*number) || *number < 0 || *number > 253402300799.0) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*number));
}

void AddWindow(QuotaFacts& quota, const char* name, const json& window, WallTime now) {
  const auto used = wire::NumberOf(wire::Member(window, "used_percent"));
  if (!used) return;
  WindowFacts facts;
  facts.name = name;
  facts.used_percent = *used;
  facts.length = Seconds(wire::Member(window, "limit_window_seconds")).value_or(std::chrono::seconds(0));
  if (const auto at = Seconds(wire::Member(window, "reset_at")); at && at->count() > 0) {
    facts.resets_at = WallTime(*at);
  } else if (const auto after = Seconds(wire::Member(window, "reset_after_seconds"))) {
    facts.resets_at = now + *after;
  }
  quota.windows.push_back(std::move(facts));
}

void AddWindows(QuotaFacts& quota, const json& limit, const std::string& id, WallTime now) {
  AddWindow(quota, id.empty() ? "primary" : id.c_str(), wire::Member(limit, "primary_window"), now);
  AddWindow(quota, id.empty() ? "secondary" : id.c_str(), wire::Member(limit, "secondary_window"), now);
}

// As the heads of answers are read: "codex-bengalfox" there is "codex_bengalfox" here.
std::string LimitId(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return text;
}

void AddExtraLimits(QuotaFacts& quota, const json& document, WallTime now) {
  AddWindows(quota, wire::Member(document, "code_review_rate_limit"), "code_review", now);
  const json& extra = wire::Member(document, "additional_rate_limits");
  if (!extra.is_array()) return;
  for (const json& entry : extra) {
    const std::string name = wire::TextOf(entry, "limit_name");
    std::string id = LimitId(wire::TextOf(entry, "metered_feature"));
    if (id.empty()) id = LimitId(name);
    if (id.empty()) continue;
    AddWindows(quota, wire::Member(entry, "rate_limit"), id, now);
    if (!name.empty()) quota.limit_names[id] = name;
  }
}

// Nothing where the account has no such thing: unknown is not the same as none.
std::optional<CreditFacts> CreditsIn(const json& credits) {
  const auto has = wire::BoolOf(wire::Member(credits, "has_credits"));
  const auto unlimited = wire::BoolOf(wire::Member(credits, "unlimited"));
  if (!has && !unlimited) return std::nullopt;
  // Beyond the limit that was set for them there are none.
  const bool beyond = wire::BoolOf(wire::Member(credits, "overage_limit_reached")).value_or(false);
  return CreditFacts{has.value_or(false) && !beyond, unlimited.value_or(false), wire::TextOf(credits, "balance")};
}

}  // namespace

UsageAnswer ReadUsageReply(int status, std::string_view body, WallTime now) {
  UsageAnswer answer;
  const json document = wire::ParseOrNothing(body);
  if (status != 200) {
    answer.http_status = status;
    answer.code = wire::TextOf(wire::Member(document, "error"), "code");
    if (answer.code.empty()) answer.code = wire::TextOf(wire::Member(document, "detail"), "code");
    const bool shut = answer.code == "account_deactivated" || answer.code == "deactivated_workspace";
    if (shut) answer.cause = Cause::kDeactivated;
    return answer;
  }
  const json& limit = wire::Member(document, "rate_limit");
  if (!limit.is_object()) return answer;
  answer.http_status = 200;
  answer.quota.plan = wire::TextOf(document, "plan_type");
  // Whether it may go on counts: with credits it may, though the limit is reached.
  const auto allowed = wire::BoolOf(wire::Member(limit, "allowed"));
  answer.quota.limit_reached = allowed ? !*allowed : wire::BoolOf(wire::Member(limit, "limit_reached")).value_or(false);
  answer.quota.whole = true;
  AddWindows(answer.quota, limit, "", now);
  AddExtraLimits(answer.quota, document, now);
  answer.quota.credits = CreditsIn(wire::Member(document, "credits"));
  const json& resets = wire::Member(document, "rate_limit_reset_credits");
  if (const auto count = wire::NumberOf(wire::Member(resets, "available_count"));
      count && *count >= 0 && *count < 1e6) {
    answer.quota.reset_credits = static_cast<int>(*count);
  }
  return answer;
}

}  // namespace patchbay::accounts
