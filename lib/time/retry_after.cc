#include "lib/time/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "lib/base/text.h"
#include "lib/time/http_date.h"

namespace patchbay {
namespace {

using std::chrono::milliseconds;

milliseconds Cut(double milliseconds_asked) {
  const auto most = static_cast<double>(milliseconds(kLongestRetryAfter).count());
  return milliseconds(static_cast<std::int64_t>(std::min(milliseconds_asked, most)));
}

}  // namespace

Result<milliseconds> ParseRetryAfter(std::string_view text, WallTime now) {
  text = Trim(text, kBlanks);
  double seconds = -1;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (failure == std::errc::result_out_of_range) return Error(ErrorCode::kInvalidArgument, "not a Retry-After value");
  const bool starts_as_number = !text.empty() && IsDigit(text.front());  // "nan" and "-0" do not
  if (starts_as_number && failure == std::errc() && end == text.data() + text.size()) return Cut(seconds * 1000.0);
  ASSIGN_OR_RETURN(const WallTime date, ParseHttpDate(text));
  return std::clamp<milliseconds>(date - now, milliseconds(0), kLongestRetryAfter);
}

std::optional<milliseconds> RetryAfterInWords(std::string_view message) {
  constexpr std::string_view kPhrase = "try again in ";
  const std::string text = LowerCase(message);
  const std::size_t at = text.find(kPhrase);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view told = std::string_view(text).substr(at + kPhrase.size());
  double amount = 0;
  const auto [rest, error] = std::from_chars(told.data(), told.data() + told.size(), amount, std::chars_format::fixed);
  if (error != std::errc() || !IsDigit(told.front())) return std::nullopt;
  const std::string_view unit = TrimStart(told.substr(static_cast<std::size_t>(rest - told.data())));
  if (unit.starts_with("ms")) return Cut(amount);
  if (unit.starts_with("s")) return Cut(amount * 1'000);
  if (unit.starts_with("m")) return Cut(amount * 60'000);
  return std::nullopt;
}

}  // namespace patchbay
