#include "lib/time/time_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay {
namespace {

using std::chrono::milliseconds;

std::string DateAndTime(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<int> ParseTwoDigits(std::string_view text, int max) {
  if (text.size() != 2 || !IsDigit(text[0]) || !IsDigit(text[1])) return std::nullopt;
  const auto number = ParseNumber<int>(text);
  return number && *number <= max ? number : std::nullopt;
}

// "23:59"
std::optional<std::chrono::minutes> ParseClock(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = ParseTwoDigits(text.substr(0, 2), 23), minutes = ParseTwoDigits(text.substr(3), 59);
  if (!hours || !minutes) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

// ".123456" at the front of `rest`, or none; what is smaller than a millisecond is dropped.
std::optional<milliseconds> TakeFraction(std::string_view& rest) {
  if (!rest.starts_with('.')) return milliseconds(0);
  std::size_t size = 1;
  int thousandths = 0;
  for (; size < rest.size() && IsDigit(rest[size]); ++size) {
    if (size <= 3) thousandths = thousandths * 10 + (rest[size] - '0');
  }
  if (size == 1) return std::nullopt;
  for (std::size_t digits = size - 1; digits < 3; ++digits) thousandths *= 10;
  rest.remove_prefix(size);
  return milliseconds(thousandths);
}

}  // namespace

std::string Rfc3339(WallTime time) { return DateAndTime(std::chrono::floor<std::chrono::seconds>(time)) + "Z"; }

std::string Rfc3339Micros(std::chrono::sys_time<std::chrono::microseconds> time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>((time - whole).count()));
  return DateAndTime(whole) + fraction;
}

std::optional<WallTime> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = ParseNumber<unsigned>(text.substr(0, 4));
  const auto month = ParseNumber<unsigned>(text.substr(5, 2)), day = ParseNumber<unsigned>(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date));
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  constexpr std::size_t kDateBytes = 10, kSecondsEnd = 19;
  if (text.size() <= kSecondsEnd || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const auto day = ParseDate(text.substr(0, kDateBytes));
  const auto clock = ParseClock(text.substr(kDateBytes + 1, 5));
  const auto seconds = text[16] == ':' ? ParseTwoDigits(text.substr(17, 2), 59) : std::nullopt;
  std::string_view rest = text.substr(kSecondsEnd);
  const auto fraction = TakeFraction(rest);
  if (!day || !clock || !seconds || !fraction) return std::nullopt;
  const auto local = *day + *clock + std::chrono::seconds(*seconds) + *fraction;
  if (rest == "Z" || rest == "z") return local;
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) return std::nullopt;
  const auto offset = ParseClock(rest.substr(1));
  if (!offset) return std::nullopt;
  return rest.front() == '+' ? local - *offset : local + *offset;
}

std::string HumanDuration(milliseconds duration) {
  const auto total = std::max<std::int64_t>(duration.count(), 0);
  if (total < 1000) return std::to_string(total) + "ms";
  struct Unit {
    const char* name;
    std::int64_t milliseconds;
  };
  constexpr std::array<Unit, 4> kUnits{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}};
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (total < kUnits[i].milliseconds) continue;
    auto text = std::to_string(total / kUnits[i].milliseconds) + kUnits[i].name;
    if (i + 1 == kUnits.size()) return text;
    const auto next = total % kUnits[i].milliseconds / kUnits[i + 1].milliseconds;
    return next == 0 ? text : text + " " + std::to_string(next) + kUnits[i + 1].name;
  }
  return "0s";
}

std::string HumanTime(WallTime time, WallTime now) {
  const milliseconds distance = time - now;
  constexpr milliseconds kNow{1000};
  if (distance > kNow) return "in " + HumanDuration(distance);
  if (distance < -kNow) return HumanDuration(-distance) + " ago";
  return "now";
}

}  // namespace patchbay
