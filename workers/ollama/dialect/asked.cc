#include "workers/ollama/dialect/asked.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/wire/json_text.h"
#include "workers/ollama/dialect/fields.h"
#include "workers/ollama/dialect/options.h"

namespace patchbay::ollama {
namespace {

namespace json = boost::json;

// As many as the protocol has; no header holds more.
constexpr std::size_t kNotesMax = 64;
constexpr std::int64_t kTopLogprobsMax = 20;
// A hundred years: everything longer is for good.
constexpr double kLongestSeconds = 3.2e9;

KeepAlive Lasting(double seconds) {
  if (seconds < 0 || seconds > kLongestSeconds) return KeepAlive(-1);
  return KeepAlive(static_cast<std::int64_t>(seconds * 1000));
}

// Go's durations: "1h30m", "-1s", "300ms".
std::optional<double> SecondsOf(std::string_view text) {
  constexpr std::pair<std::string_view, double> kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3},
                                                            {"s", 1},     {"m", 60},    {"h", 3600}};
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && (IsDigit(text[digits]) || text[digits] == '.')) ++digits;
    std::size_t unit = digits;
    while (unit < text.size() && !IsDigit(text[unit]) && text[unit] != '.') ++unit;
    const auto number = ParseNumber<double>(text.substr(0, digits));
    const std::string_view name = text.substr(digits, unit - digits);
    const auto* known =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& u) { return u.first == name; });
    if (!number || known == std::end(kUnits)) return std::nullopt;
    seconds += *number * known->second;
    text.remove_prefix(unit);
  }
  return negative ? -seconds : seconds;
}

Result<void> ReadFormat(const json::object& body, Asked& asked) {
  const json::value* format = Find(body, "format");
  if (format == nullptr || (format->is_string() && format->get_string().empty())) return {};
  auto& wanted = *asked.request.mutable_output_format();
  if (format->is_string() && format->get_string() == "json") {
    wanted.set_kind(inference::v1::OutputFormat::KIND_JSON_OBJECT);
    return {};
  }
  if (!format->is_object()) return Wrong("", R"(invalid format: expected "json" or a JSON schema)");
  wanted.set_kind(inference::v1::OutputFormat::KIND_JSON_SCHEMA);
  wanted.set_name("response");
  wanted.set_schema_json(wire::JsonText(format->get_object()));
  return {};
}

// client-protocols §G.4.
Result<void> ReadThink(const json::object& body, Asked& asked) {
  const json::value* think = Find(body, "think");
  auto& reasoning = *asked.request.mutable_reasoning();
  reasoning.set_summary("auto");
  if (think == nullptr) return {};
  asked.wishes.push_back({"reasoning.effort", "think"});
  if (think->is_bool()) {
    asked.thinking = think->get_bool();
    reasoning.set_effort(asked.thinking ? "medium" : "none");
    if (!asked.thinking) reasoning.clear_summary();
    return {};
  }
  constexpr std::array<std::string_view, 4> kLevels = {"low", "medium", "high", "max"};
  const std::string_view level = think->is_string() ? std::string_view(think->get_string()) : std::string_view("?");
  if (level.empty()) return {};
  if (std::find(kLevels.begin(), kLevels.end(), level) == kLevels.end()) {
    return Wrong("", "invalid think value: " + wire::JsonText(*think) +
                         R"( (must be "high", "medium", "low", "max", true, or false))");
  }
  reasoning.set_effort(std::string(level));
  return {};
}

Result<void> ReadLogprobs(const json::object& body, Asked& asked) {
  ASSIGN_OR_RETURN(const bool wanted, Flag(body, "logprobs", false));
  std::int64_t top = 0;
  if (const json::value* count = Find(body, "top_logprobs")) {
    boost::system::error_code error;
    top = count->to_number<std::int64_t>(error);
    if (error || top < 0 || top > kTopLogprobsMax) return Wrong("", "top_logprobs must be between 0 and 20");
  }
  if (!wanted && top == 0) return {};
  asked.request.mutable_sampling()->set_logprobs(static_cast<std::int32_t>(top));
  asked.wishes.push_back({"logprobs", "logprobs"});
  return {};
}

}  // namespace

Result<wire::JsonDocument> ParseBody(std::string_view body) {
  if (IsBlank(body)) return Wrong("", "missing request body");
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return Wrong("", document.error().message);
  if (!document->root().is_object()) return Wrong("", "expected a JSON object");
  if (!wire::IsFinite(document->root())) return Wrong("", "a number is out of range");
  return document;
}

void Note(std::vector<std::string>& names, std::string name) {
  if (names.size() >= kNotesMax || std::find(names.begin(), names.end(), name) != names.end()) return;
  names.push_back(std::move(name));
}

void NoteOthers(Asked& asked, const json::object& object, std::span<const std::string_view> known,
                std::string_view place) {
  for (const auto& member : object) {
    const std::string_view key = member.key();
    if (member.value().is_null() || std::find(known.begin(), known.end(), key) != known.end()) continue;
    Note(asked.ignored, Below(place, key));
  }
}

Result<std::string> ReadModel(const json::object& body) {
  for (const std::string_view key : {"model", "name"}) {
    ASSIGN_OR_RETURN(const std::string_view name, Text(body, key));
    if (name.size() > kModelNameBytesMax) return Wrong("", "invalid model name");
    if (!name.empty()) return std::string(name);
  }
  return Wrong("", "model is required");
}

Result<KeepAlive> ReadKeepAlive(const json::object& body) {
  const json::value* value = Find(body, "keep_alive");
  if (value == nullptr) return kDefaultKeepAlive;
  if (value->is_number()) return Lasting(value->to_number<double>());
  if (!value->is_string()) return Wrong("keep_alive", "expected a number of seconds or a duration");
  const std::string_view text = value->get_string();
  if (text.empty()) return kDefaultKeepAlive;
  const auto seconds = SecondsOf(text);
  if (!seconds) return Wrong("", "time: invalid duration " + wire::JsonText(*value));
  return Lasting(*seconds);
}

Result<void> ReadShared(const json::object& body, Asked& asked) {
  ASSIGN_OR_RETURN(asked.model, ReadModel(body));
  ASSIGN_OR_RETURN(asked.stream, Flag(body, "stream", true));
  ASSIGN_OR_RETURN(asked.keep_alive, ReadKeepAlive(body));
  RETURN_IF_ERROR(ReadFormat(body, asked));
  RETURN_IF_ERROR(ReadThink(body, asked));
  RETURN_IF_ERROR(ReadLogprobs(body, asked));
  return ReadOptions(body, asked);
}

}  // namespace patchbay::ollama
