#include "cli/log_line.h"

#include <nlohmann/json.hpp>

#include "cli/human.h"
#include "cli/table.h"
#include "lib/wire/json_members.h"

namespace patchbay::cli {
namespace {

constexpr std::size_t kLevelWidth = 5;
constexpr std::size_t kProcessWidth = 10;

Colour ColourOf(std::string_view level) {
  if (level == "error") return Colour::kBad;
  if (level == "warn") return Colour::kWarn;
  return level == "info" ? Colour::kNone : Colour::kDim;
}

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

// Values with spaces keep their quotes, so that fields can be told apart.
std::string ValueText(const nlohmann::ordered_json& value) {
  if (!value.is_string()) return wire::Written(value);
  const auto& text = value.get_ref<const std::string&>();
  const bool plain = !text.empty() && text.find_first_of(" \"=") == std::string::npos;
  return plain ? text : wire::Written(value);
}

}  // namespace

std::string FormatLogLine(std::string_view record, bool colour) {
  const auto json = wire::ParseOrNothing<nlohmann::ordered_json>(record);
  if (!json.is_object()) return Printable(record);
  const auto text = [&](const char* key) { return wire::TextOf(json, key); };
  auto time = text("ts");
  if (const auto t = time.find('T'); t != std::string::npos && time.size() >= t + 13) time = time.substr(t + 1, 12);
  const auto level = text("level");
  std::string line = Paint(colour, Colour::kDim, Printable(time)) + " " +
                     Paint(colour, ColourOf(level), Padded(Printable(level), kLevelWidth)) + " " +
                     Padded(Printable(text("process")), kProcessWidth) + " " +
                     Paint(colour, Colour::kStrong, Printable(text("event")));
  for (const auto& [key, value] : json.items()) {
    if (key == "ts" || key == "level" || key == "process" || key == "event") continue;
    line += " " + Paint(colour, Colour::kDim, Printable(key) + "=") + Printable(ValueText(value));
  }
  return line;
}

}  // namespace patchbay::cli
