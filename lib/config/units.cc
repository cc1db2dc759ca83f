#include "lib/config/units.h"

#include <array>
#include <charconv>
#include <limits>

#include "lib/base/text.h"

namespace patchbay::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 5> kDurationUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 7> kByteUnits{{{"B", 1},
                                          {"KiB", 1ULL << 10},
                                          {"MiB", 1ULL << 20},
                                          {"GiB", 1ULL << 30},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000}}};

// Takes the digits at the front of `text`; false when there are none or they overflow.
bool TakeNumber(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string_view TakeWord(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && !IsDigit(text[length])) ++length;
  const auto word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

Error NotADuration(std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          "'" + std::string(text) + "' is not a duration; write 250ms, 30s, 5m, 1h30m or 2d"};
}

Error NotASize(std::string_view text) {
  return {ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a size; write 65536, 64KiB, 64MiB or 1GiB"};
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds{0};
  if (text.empty()) return NotADuration(text);
  constexpr auto kMax = static_cast<std::uint64_t>(std::chrono::milliseconds{kMaxDuration}.count());
  std::uint64_t total = 0;
  std::size_t next_unit = 0;  // units fall, so "30s1h" and "1s1s" are typing mistakes
  for (auto rest = text; !rest.empty();) {
    std::uint64_t number = 0;
    if (!TakeNumber(rest, number)) return NotADuration(text);
    const auto name = TakeWord(rest);
    while (next_unit < kDurationUnits.size() && kDurationUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kDurationUnits.size()) return NotADuration(text);
    const auto factor = kDurationUnits[next_unit++].factor;
    if (number > (kMax - total) / factor) {
      return Error(ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is longer than a year");
    }
    total += number * factor;
  }
  return std::chrono::milliseconds{total};
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  auto rest = static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count());
  if (rest == 0) return "0s";
  std::string text;
  for (const auto& unit : kDurationUnits) {
    if (rest < unit.factor) continue;
    text += std::to_string(rest / unit.factor);
    text += unit.name;
    rest %= unit.factor;
  }
  return text;
}

Result<std::uint64_t> ParseBytes(std::string_view text) {
  auto rest = text;
  std::uint64_t number = 0;
  if (!TakeNumber(rest, number)) return NotASize(text);
  if (rest.empty()) return number;
  for (const auto& unit : kByteUnits) {
    if (unit.name != rest) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return NotASize(text);
    return number * unit.factor;
  }
  return NotASize(text);
}

std::string FormatBytes(std::uint64_t bytes) {
  for (const auto& unit : {kByteUnits[3], kByteUnits[2], kByteUnits[1]}) {
    if (bytes >= unit.factor && bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

}  // namespace patchbay::config
