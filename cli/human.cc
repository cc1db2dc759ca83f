#include "cli/human.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace patchbay::cli {

Milliseconds ToMilliseconds(const google::protobuf::Duration& duration) {
  return Milliseconds{duration.seconds() * 1000 + duration.nanos() / 1'000'000};
}

Milliseconds ToMilliseconds(const google::protobuf::Timestamp& timestamp) {
  return Milliseconds{timestamp.seconds() * 1000 + timestamp.nanos() / 1'000'000};
}

std::string HumanDuration(Milliseconds duration) {
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

std::string HumanTime(const google::protobuf::Timestamp& timestamp, Milliseconds now) {
  if (timestamp.seconds() == 0) return "-";
  const auto distance = ToMilliseconds(timestamp) - now;
  constexpr Milliseconds kNow{1000};
  if (distance > kNow) return "in " + HumanDuration(distance);
  if (distance < -kNow) return HumanDuration(-distance) + " ago";
  return "now";
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
  for (auto& c : text) c = c == '_' ? ' ' : (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
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
