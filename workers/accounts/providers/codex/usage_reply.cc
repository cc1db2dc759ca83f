#include "workers/accounts/providers/codex/usage_reply.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace patchbay::accounts {
namespace {

using nlohmann::json;

const json& Member(const json& object, const char* key) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string Text(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }
bool IsTrue(const json& value) { return value.is_boolean() && value.get<bool>(); }
bool IsFalse(const json& value) { return value.is_boolean() && !value.get<bool>(); }

// A number of seconds that can be added to a time without overflow; nothing for anything else.
std::optional<std::chrono::seconds> Seconds(const json& value) {
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (!std::isfinite(number) || number < 0 || number > 253402300799.0) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(number));
}

void AddWindow(QuotaFacts& quota, const char* name, const json& window, WallTime now) {
  const json& used = Member(window, "used_percent");
  if (!used.is_number()) return;
  WindowFacts facts;
  facts.name = name;
  facts.used_percent = used.get<double>();
  facts.length = Seconds(Member(window, "limit_window_seconds")).value_or(std::chrono::seconds(0));
  if (const auto at = Seconds(Member(window, "reset_at")); at && at->count() > 0) {
    facts.resets_at = WallTime(*at);
  } else if (const auto after = Seconds(Member(window, "reset_after_seconds"))) {
    facts.resets_at = now + *after;
  }
  quota.windows.push_back(std::move(facts));
}

void AddWindows(QuotaFacts& quota, const json& limit, const std::string& family, WallTime now) {
  AddWindow(quota, family.empty() ? "primary" : family.c_str(), Member(limit, "primary_window"), now);
  AddWindow(quota, family.empty() ? "secondary" : family.c_str(), Member(limit, "secondary_window"), now);
}

}  // namespace

UsageAnswer ReadUsageReply(int status, std::string_view body, WallTime now) {
  UsageAnswer answer;
  const json document = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (status != 200) {
    answer.http_status = status;
    answer.code = Text(Member(Member(document, "error"), "code"));
    if (answer.code.empty()) answer.code = Text(Member(Member(document, "detail"), "code"));
    return answer;
  }
  const json& limit = Member(document, "rate_limit");
  if (!limit.is_object()) return answer;
  answer.http_status = 200;
  answer.quota.plan = Text(Member(document, "plan_type"));
  answer.quota.limit_reached = IsTrue(Member(limit, "limit_reached")) || IsFalse(Member(limit, "allowed"));
  AddWindows(answer.quota, limit, "", now);
  const json& extra = Member(document, "additional_rate_limits");
  if (extra.is_array()) {
    for (const json& entry : extra) {
      std::string name = Text(Member(entry, "metered_feature"));
      if (name.empty()) name = Text(Member(entry, "limit_name"));
      if (!name.empty()) AddWindows(answer.quota, Member(entry, "rate_limit"), name, now);
    }
  }
  return answer;
}

}  // namespace patchbay::accounts
