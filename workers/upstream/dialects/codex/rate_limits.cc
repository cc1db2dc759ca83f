#include "workers/upstream/dialects/codex/rate_limits.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "lib/wire/json_reader.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

constexpr double kDayMinutes = 24 * 60;
constexpr std::string_view kUsedSuffix = "-primary-used-percent";

struct Window {
  std::optional<double> used_percent, minutes, reset_at, reset_after;

  // All zero and no reset is how the backend says "no such window".
  bool IsAbsent() const {
    if (!used_percent) return true;
    return *used_percent == 0 && minutes.value_or(0) <= 0 && reset_at.value_or(0) <= 0;
  }
  bool IsLong() const { return minutes.value_or(0) > kDayMinutes; }
};

std::optional<double> FiniteNumber(std::string_view text) {
  const auto number = ParseNumber<double>(Trim(text, " "));
  return number && std::isfinite(*number) ? number : std::nullopt;
}

void AddWindow(const Window& window, std::string name, WallTime now, inf::RateLimits& limits) {
  if (window.IsAbsent() || limits.windows_size() >= kMaxRateLimitWindows) return;
  inf::RateLimitWindow& out = *limits.add_windows();
  out.set_name(std::move(name));
  out.set_used_percent(*window.used_percent);
  if (window.minutes.value_or(0) > 0) SetSeconds(*window.minutes * 60, out.mutable_length());
  if (window.reset_at.value_or(0) > 0) {
    SetSeconds(*window.reset_at, out.mutable_resets_at());
  } else if (window.reset_after && *window.reset_after >= 0) {
    SetSeconds(SecondsOf(now) + *window.reset_after, out.mutable_resets_at());
  }
}

// A pair as the backend sends it: of the account as a whole under the names that their lengths give them, of an extra
// limit under its id.
void AddPair(const Window& first, const Window& second, const std::string& id, WallTime now, inf::RateLimits& limits) {
  const bool swapped = !first.IsAbsent() && first.IsLong() && (second.IsAbsent() || !second.IsLong());
  AddWindow(swapped ? second : first, id.empty() ? "primary" : id, now, limits);
  AddWindow(swapped ? first : second, id.empty() ? "secondary" : id, now, limits);
}

Window HeaderWindow(const Headers& headers, const std::string& family, std::string_view which) {
  const auto number = [&](std::string_view field) {
    return FiniteNumber(HeaderOr(headers, family + "-" + std::string(which) + "-" + std::string(field)));
  };
  return {number("used-percent"), number("window-minutes"), number("reset-at"), number("reset-after-seconds")};
}

Window FrameWindow(std::string_view json) {
  Window window;
  wire::JsonReader reader(json);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "used_percent") window.used_percent = value.Number();
    if (key == "window_minutes") window.minutes = value.Number();
    if (key == "reset_at") window.reset_at = value.Number();
    if (key == "reset_after_seconds") window.reset_after = value.Number();
  });
  return window;
}

void ReadCredits(std::string_view json, inf::Credits& credits) {
  wire::JsonReader reader(json);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "has_credits") credits.set_has_credits(value.Bool().value_or(false));
    if (key == "unlimited") credits.set_unlimited(value.Bool().value_or(false));
    if (key == "balance") credits.set_balance(std::string(value.Text()));
  });
}

// "codex-bengalfox" in header names is "codex_bengalfox" in bodies. Empty for the account's own quota: "premium" is
// what most paid accounts call it, and has no windows of its own (codex-wire §5).
std::string LimitId(std::string_view name) {
  std::string id = LowerCase(Trim(name, " "));
  for (char& c : id) {
    if (c == '-') c = '_';
  }
  return id == "codex" || id == "premium" ? std::string() : id;
}

std::optional<bool> Truth(std::string_view text) {
  const std::string word = LowerCase(Trim(text, " "));
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  return std::nullopt;
}

bool HasWindows(const inf::RateLimits& limits, const std::string& id) {
  for (const inf::RateLimitWindow& window : limits.windows()) {
    if (window.name() == id) return true;
  }
  return false;
}

}  // namespace

bool IsRateLimitHeader(std::string_view name) {
  constexpr std::string_view kSuffixes[] = {"-used-percent",        "-window-minutes", "-reset-at",
                                            "-reset-after-seconds", "-limit-percent",  "-limit-name"};
  constexpr std::string_view kPrefixes[] = {"x-codex-credits-",     "x-codex-promo-",      "x-codex-plan-type",
                                            "x-codex-active-limit", "x-codex-rate-limit-", "x-ratelimit-"};
  const auto ends = [&](std::string_view suffix) { return name.ends_with(suffix); };
  const auto starts = [&](std::string_view prefix) { return name.starts_with(prefix); };
  return (name.starts_with("x-") && std::any_of(std::begin(kSuffixes), std::end(kSuffixes), ends)) ||
         std::any_of(std::begin(kPrefixes), std::end(kPrefixes), starts);
}

bool DecodeRateLimitHeaders(const Headers& headers, WallTime now, inf::RateLimits& limits) {
  limits.set_plan(std::string(HeaderOr(headers, "x-codex-plan-type")));
  for (const Header& header : headers) {
    const std::string name = LowerCase(header.name);
    if (!name.starts_with("x-") || !name.ends_with(kUsedSuffix) || name.size() <= 2 + kUsedSuffix.size()) continue;
    const std::string family = name.substr(0, name.size() - kUsedSuffix.size());
    const std::string id = LimitId(family.substr(2));
    AddPair(HeaderWindow(headers, family, "primary"), HeaderWindow(headers, family, "secondary"), id, now, limits);
    const std::string_view title = HeaderOr(headers, family + "-limit-name");
    if (!id.empty() && !title.empty() && HasWindows(limits, id)) (*limits.mutable_limit_names())[id] = title;
  }
  // An id without windows of its own says nothing of which limit it is.
  const std::string active = LimitId(HeaderOr(headers, "x-codex-active-limit"));
  if (HasWindows(limits, active)) limits.set_active_limit(active);
  limits.set_limit_reached(!HeaderOr(headers, "x-codex-rate-limit-reached-type").empty() &&
                           limits.active_limit().empty());
  const auto has = Truth(HeaderOr(headers, "x-codex-credits-has-credits"));
  const auto unlimited = Truth(HeaderOr(headers, "x-codex-credits-unlimited"));
  if (has && unlimited) {  // one alone is none (codex-wire §5)
    limits.mutable_credits()->set_has_credits(*has);
    limits.mutable_credits()->set_unlimited(*unlimited);
    limits.mutable_credits()->set_balance(std::string(HeaderOr(headers, "x-codex-credits-balance")));
  }
  return limits.windows_size() > 0 || limits.limit_reached() || !limits.plan().empty() || limits.has_credits();
}

bool DecodeRateLimitFrame(std::string_view json, WallTime now, inf::RateLimits& limits) {
  std::string_view inner, credits;
  std::string metered_name, name;
  wire::JsonReader reader(json);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "plan_type") limits.set_plan(std::string(value.Text()));
    if (key == "rate_limits") inner = value.RawObject();
    if (key == "credits") credits = value.RawObject();
    if (key == "metered_limit_name") metered_name = value.Text();
    if (key == "limit_name") name = value.Text();
  });
  if (!ok || inner.empty()) return false;
  const std::string id = LimitId(!metered_name.empty() ? metered_name : name);
  if (!id.empty() && !metered_name.empty() && !name.empty()) (*limits.mutable_limit_names())[id] = name;

  Window first, second;
  wire::JsonReader windows(inner);
  windows.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    // Of an extra limit it is not the account that is used up.
    if (key == "limit_reached" && id.empty()) limits.set_limit_reached(value.Bool().value_or(false));
    if (key == "primary") first = FrameWindow(value.RawObject());
    if (key == "secondary") second = FrameWindow(value.RawObject());
  });
  AddPair(first, second, id, now, limits);
  if (!credits.empty()) ReadCredits(credits, *limits.mutable_credits());
  return true;
}

}  // namespace patchbay::upstream::codex
