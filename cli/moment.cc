#include "cli/moment.h"

#include <string>

#include "lib/base/number.h"
#include "lib/config/units.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

constexpr std::size_t kDateBytes = 10;

// "T10:00".
std::optional<std::chrono::minutes> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 6 || (text[0] != 'T' && text[0] != ' ') || text[3] != ':') return std::nullopt;
  const auto hours = ParseNumber<int>(text.substr(1, 2)), minutes = ParseNumber<int>(text.substr(4));
  if (!hours || !minutes || *hours < 0 || *hours > 23 || *minutes < 0 || *minutes > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

}  // namespace

Result<WallTime> ParseMoment(std::string_view text, WallTime now, std::chrono::minutes utc_offset) {
  const WallTime today = std::chrono::floor<std::chrono::days>(now + utc_offset) - utc_offset;
  if (text == "now") return now;
  if (text == "today") return today;
  if (text == "yesterday") return today - std::chrono::days(1);
  if (const auto day = ParseDate(text.substr(0, kDateBytes))) {
    if (text.size() == kDateBytes) return *day - utc_offset;
    if (const auto time = ParseTimeOfDay(text.substr(kDateBytes))) return *day + *time - utc_offset;
  } else if (const auto ago = config::ParseDuration(text); ago.ok()) {
    return now - *ago;
  }
  return Error(
      ErrorCode::kInvalidArgument,
      "'" + std::string(text) + "' is no time; write 7d, 36h, today, yesterday, 2026-11-01 or 2026-11-01T10:00");
}

}  // namespace patchbay::cli
