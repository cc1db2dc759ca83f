#include "workers/ollama/dialect/timestamp.h"

#include <ctime>

namespace patchbay::ollama {
namespace {

constexpr std::size_t kFractionAt = 20;  // behind "2026-08-22T06:00:00."
constexpr std::size_t kFractionDigits = 9;

}  // namespace

std::string_view Timestamp::Of(WallNanos now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::int64_t number = second.time_since_epoch().count();
  if (number != second_) {
    second_ = number;
    const auto time = static_cast<std::time_t>(number);
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000000000Z", &parts);
    text_.assign(text, size);
  }
  std::int64_t fraction = (now - second).count();
  for (std::size_t i = kFractionDigits; i-- > 0; fraction /= 10) {
    text_[kFractionAt + i] = static_cast<char>('0' + fraction % 10);
  }
  return text_;
}

}  // namespace patchbay::ollama
