#include "lib/log/record_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "lib/wire/json_members.h"

namespace patchbay::log {
namespace {

using Json = nlohmann::ordered_json;

// Fields that the head of a line shows, and those that say again who wrote it.
constexpr std::array<std::string_view, 4> kInHead = {"ts", "level", "process", "event"};
constexpr std::array<std::string_view, 3> kWriter = {"worker", "generation", "pid"};

constexpr std::size_t kLevelWidth = 5;
constexpr std::size_t kProcessWidth = 10;

constexpr std::string_view kDim = "2", kStrong = "1", kGreen = "32", kYellow = "33", kRed = "31";

std::string_view ColourOf(std::string_view level) {
  if (level == "error") return kRed;
  if (level == "warn") return kYellow;
  return level == "info" ? kGreen : kDim;
}

std::string Shown(std::string_view text) {
  std::string shown(text);
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = c == '\t' ? ' ' : '?';
  }
  return shown;
}

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

// Values with spaces keep their quotes, so that fields can be told apart.
std::string ValueText(const Json& value) {
  if (!value.is_string()) return wire::Written(value);
  const auto& text = value.get_ref<const std::string&>();
  const bool plain = !text.empty() && text.find_first_of(" \"=") == std::string::npos;
  return plain ? text : wire::Written(value);
}

class Line {
 public:
  Line(const Json& record, bool colour) : record_(record), colour_(colour) {}

  void AppendTimeAndLevel() {
    // "2026-01-02T03:04:05.678901Z": the time of day to the millisecond is what a person at a terminal reads.
    const std::string ts = Text("ts");
    Append(kDim, Shown(ts.size() >= 23 ? ts.substr(11, 12) : ts));
    text_ += ' ';
    const std::string level = Text("level");
    Append(ColourOf(level), Padded(Shown(level), kLevelWidth));
    text_ += ' ';
  }
  void AppendRest() {
    const std::string process = Text("process");
    text_ += Padded(Shown(process), kProcessWidth) + ' ';
    Append(kStrong, Shown(Text("event")));
    // A worker's own record: who it is stands in the head already. The supervisor's records about a worker say which.
    const bool own = process == Text("worker");
    for (const auto& [key, value] : record_.items()) {
      if (IsOneOf(kInHead, key) || (own && IsOneOf(kWriter, key))) continue;
      text_ += ' ';
      Append(kDim, Shown(key) + '=');
      text_ += Shown(ValueText(value));
    }
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string Text(const char* key) const { return wire::TextOf(record_, key); }
  void Append(std::string_view colour, const std::string& text) {
    if (colour_) text_.append("\x1b[").append(colour).append("m");
    text_ += text;
    if (colour_) text_ += "\x1b[0m";
  }
  static bool IsOneOf(const auto& keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  }

  const Json& record_;
  const bool colour_;
  std::string text_;
};

}  // namespace

std::string RecordText(std::string_view record, bool colour) {
  const Json parsed = wire::ParseOrNothing<Json>(record);
  if (!parsed.is_object()) return Shown(record);
  Line line(parsed, colour);
  line.AppendTimeAndLevel();
  line.AppendRest();
  return line.Take();
}

std::string RecordMessage(std::string_view record) {
  const Json parsed = wire::ParseOrNothing<Json>(record);
  if (!parsed.is_object()) return Shown(record);
  Line line(parsed, false);
  line.AppendRest();
  return line.Take();
}

}  // namespace patchbay::log
