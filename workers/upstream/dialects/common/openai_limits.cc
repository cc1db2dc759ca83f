#include "workers/upstream/dialects/common/openai_limits.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/time/proto_time.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

std::optional<double> PositiveNumber(std::string_view text) {
  const auto number = ParseNumber<double>(Trim(text, kBlanks));
  return number && std::isfinite(*number) && *number >= 0 ? number : std::nullopt;
}

// "6m0s", "1h2m", "12ms", "1.5s", or seconds without a unit.
std::optional<double> SecondsIn(std::string_view text) {
  text = Trim(text, kBlanks);
  if (const auto plain = PositiveNumber(text)) return plain;
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    const auto number = PositiveNumber(text.substr(0, digits));
    if (!number) return std::nullopt;
    text.remove_prefix(digits);
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789."));
    text.remove_prefix(unit.size());
    if (unit == "ms") {
      seconds += *number / 1000;
    } else if (unit == "s") {
      seconds += *number;
    } else if (unit == "m") {
      seconds += *number * 60;
    } else if (unit == "h") {
      seconds += *number * 3600;
    } else if (unit == "d") {
      seconds += *number * 86400;
    } else {
      return std::nullopt;
    }
  }
  return seconds;
}

}  // namespace

bool ReadOpenAiLimits(const Headers& headers, WallTime now, inf::RateLimits& limits) {
  for (const std::string_view of : {"requests", "tokens"}) {
    const auto header = [&](std::string_view what) {
      return HeaderOr(headers, "x-ratelimit-" + std::string(what) + "-" + std::string(of));
    };
    const auto limit = PositiveNumber(header("limit"));
    const auto remaining = PositiveNumber(header("remaining"));
    if (!limit || !remaining || *limit <= 0) continue;
    inf::RateLimitWindow& window = *limits.add_windows();
    window.set_name(std::string(of));
    window.set_used_percent(100 * (1 - std::min(*remaining, *limit) / *limit));
    if (const auto reset = SecondsIn(header("reset"))) SetSeconds(SecondsOf(now) + *reset, window.mutable_resets_at());
  }
  return limits.windows_size() > 0;
}

}  // namespace patchbay::upstream
