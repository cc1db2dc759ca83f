#include "workers/upstream/dialects/codex/rate_limits.h"

#include <cmath>
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

// A pair as the backend sends it, under the names that their lengths give them.
void AddPair(const Window& first, const Window& second, const std::string& prefix, WallTime now,
             inf::RateLimits& limits) {
  const bool swapped = !first.IsAbsent() && first.IsLong() && (second.IsAbsent() || !second.IsLong());
  AddWindow(swapped ? second : first, prefix + "primary", now, limits);
  AddWindow(swapped ? first : second, prefix + "secondary", now, limits);
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

// "codex_bengalfox" in a body is "codex-bengalfox" in header names.
std::string LimitId(std::string_view name) {
  std::string id = LowerCase(name);
  for (char& c : id) {
    if (c == '_') c = '-';
  }
  return id;
}

}  // namespace

bool DecodeRateLimitHeaders(const Headers& headers, WallTime now, inf::RateLimits& limits) {
  limits.set_plan(std::string(HeaderOr(headers, "x-codex-plan-type")));
  limits.set_active_limit(std::string(HeaderOr(headers, "x-codex-active-limit")));
  limits.set_limit_reached(!HeaderOr(headers, "x-codex-rate-limit-reached-type").empty());
  for (const Header& header : headers) {
    const std::string name = LowerCase(header.name);
    if (!name.starts_with("x-") || !name.ends_with(kUsedSuffix) || name.size() <= 2 + kUsedSuffix.size()) continue;
    const std::string family = name.substr(0, name.size() - kUsedSuffix.size());
    const std::string id = family.substr(2);
    AddPair(HeaderWindow(headers, family, "primary"), HeaderWindow(headers, family, "secondary"),
            id == "codex" ? "" : id + "/", now, limits);
  }
  return limits.windows_size() > 0 || limits.limit_reached() || !limits.plan().empty();
}

bool DecodeRateLimitFrame(std::string_view json, WallTime now, inf::RateLimits& limits) {
  std::string_view inner, metered_name, name;
  wire::JsonReader reader(json);
  const bool ok = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "plan_type") limits.set_plan(std::string(value.Text()));
    if (key == "rate_limits") inner = value.RawObject();
    if (key == "metered_limit_name") metered_name = value.Text();
    if (key == "limit_name") name = value.Text();
  });
  if (!ok || inner.empty()) return false;
  const std::string id = LimitId(!metered_name.empty() ? metered_name : name);
  const std::string prefix = id.empty() || id == "codex" ? "" : id + "/";

  Window first, second;
  wire::JsonReader windows(inner);
  windows.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "limit_reached") limits.set_limit_reached(value.Bool().value_or(false));
    if (key == "primary") first = FrameWindow(value.RawObject());
    if (key == "secondary") second = FrameWindow(value.RawObject());
  });
  AddPair(first, second, prefix, now, limits);
  return true;
}

}  // namespace patchbay::upstream::codex
