#include "cli/human.h"

#include <array>
#include <cstdio>

#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {

std::string HumanTime(const google::protobuf::Timestamp& timestamp, WallTime now) {
  return timestamp.seconds() == 0 ? "-" : patchbay::HumanTime(ToWallTime(timestamp), now);
}

std::string HumanBytes(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", amount, kUnits[unit]);
  return text.data();
}

std::string HumanCount(std::int64_t count) {
  auto text = std::to_string(count);
  const auto first_digit = static_cast<std::size_t>(count < 0 ? 1 : 0);
  for (auto at = text.size(); at > first_digit + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string HumanEnum(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::string text(name);
  for (auto& c : text) c = c == '_' ? ' ' : LowerCase(c);
  return text;
}

std::string Printable(std::string_view text) {
  std::string safe(text);
  for (auto& c : safe) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = c == '\t' ? ' ' : '?';
  }
  return safe;
}

}  // namespace patchbay::cli
