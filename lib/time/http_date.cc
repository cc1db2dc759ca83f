#include "lib/time/http_date.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "lib/base/text.h"

namespace patchbay {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Reads a date from left to right; after the first thing that does not fit, `ok` stays false.
struct Reader {
  std::string_view rest;
  bool ok = true;

  void Literal(std::string_view text) {
    ok = ok && rest.starts_with(text);
    if (ok) rest.remove_prefix(text.size());
  }
  int Digits(std::size_t count) {
    int value = 0;
    ok = ok && rest.size() >= count;
    for (std::size_t i = 0; ok && i < count; ++i) {
      ok = rest[i] >= '0' && rest[i] <= '9';
      value = value * 10 + (rest[i] - '0');
    }
    if (ok) rest.remove_prefix(count);
    return value;
  }
  unsigned Month() {
    const auto found = std::find(kMonths.begin(), kMonths.end(), rest.substr(0, std::min<std::size_t>(3, rest.size())));
    ok = ok && found != kMonths.end();
    if (ok) rest.remove_prefix(3);
    return static_cast<unsigned>(found - kMonths.begin()) + 1;
  }
  milliseconds TimeOfDay() {
    const int hour = Digits(2);
    Literal(":");
    const int minute = Digits(2);
    Literal(":");
    const int second = Digits(2);
    ok = ok && hour < 24 && minute < 60 && second <= 60;
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }
};

std::optional<WallTime> Assemble(const Reader& reader, int year, unsigned month, int day, milliseconds time_of_day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!reader.ok || !reader.rest.empty() || !date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + time_of_day);
}

// The weekday says nothing that the date does not, so it is skipped, not checked.
std::optional<WallTime> ParseImf(std::string_view rest) {
  Reader reader{rest};
  const int day = reader.Digits(2);
  reader.Literal(" ");
  const unsigned month = reader.Month();
  reader.Literal(" ");
  const int year = reader.Digits(4);
  reader.Literal(" ");
  const milliseconds time = reader.TimeOfDay();
  reader.Literal(" GMT");
  return Assemble(reader, year, month, day, time);
}

std::optional<WallTime> ParseRfc850(std::string_view rest) {
  Reader reader{rest};
  const int day = reader.Digits(2);
  reader.Literal("-");
  const unsigned month = reader.Month();
  reader.Literal("-");
  const int year = reader.Digits(2);
  reader.Literal(" ");
  const milliseconds time = reader.TimeOfDay();
  reader.Literal(" GMT");
  return Assemble(reader, year + (year < 70 ? 2000 : 1900), month, day, time);
}

std::optional<WallTime> ParseAsctime(std::string_view rest) {
  Reader reader{rest};
  const unsigned month = reader.Month();
  reader.Literal(" ");
  const bool one_digit = reader.rest.starts_with(' ');
  if (one_digit) reader.Literal(" ");
  const int day = reader.Digits(one_digit ? 1 : 2);
  reader.Literal(" ");
  const milliseconds time = reader.TimeOfDay();
  reader.Literal(" ");
  const int year = reader.Digits(4);
  return Assemble(reader, year, month, day, time);
}

}  // namespace

std::string FormatHttpDate(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(day).c_encoding()].data(), static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Result<WallTime> ParseHttpDate(std::string_view text) {
  text = Trim(text, kBlanks);
  std::optional<WallTime> time;
  if (const std::size_t comma = text.find(", "); comma != std::string_view::npos) {
    const std::string_view rest = text.substr(comma + 2);
    time = rest.size() > 2 && rest[2] == '-' ? ParseRfc850(rest) : ParseImf(rest);
  } else if (text.size() > 4) {
    time = ParseAsctime(text.substr(4));
  }
  if (!time) return Error(ErrorCode::kInvalidArgument, "not an HTTP date");
  return *time;
}

}  // namespace patchbay
