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

void AddWindows(QuotaFacts& quota, const json& limit, const std::string& family, WallTime now) {
  AddWindow(quota, family.empty() ? "primary" : family.c_str(), wire::Member(limit, "primary_window"), now);
  AddWindow(quota, family.empty() ? "secondary" : family.c_str(), wire::Member(limit, "secondary_window"), now);
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
  answer.quota.limit_reached = wire::BoolOf(wire::Member(limit, "limit_reached")).value_or(false) ||
                               !wire::BoolOf(wire::Member(limit, "allowed")).value_or(true);
  AddWindows(answer.quota, limit, "", now);
  const json& extra = wire::Member(document, "additional_rate_limits");
  if (extra.is_array()) {
    for (const json& entry : extra) {
      std::string name = wire::TextOf(entry, "metered_feature");
      if (name.empty()) name = wire::TextOf(entry, "limit_name");
      if (!name.empty()) AddWindows(answer.quota, wire::Member(entry, "rate_limit"), name, now);
    }
  }
  return answer;
}

}  // namespace patchbay::accounts
