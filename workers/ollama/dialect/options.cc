#include "workers/ollama/dialect/options.h"

#include <algorithm>
#include <string>

#include "workers/ollama/dialect/fields.h"

namespace patchbay::ollama {
namespace {

namespace json = boost::json;
using inference::v1::Sampling;

// A number, by its range at providers.
struct NumberOption {
  std::string_view name, canonical;
  void (Sampling::*set)(double);
  double min, max;
};
constexpr NumberOption kNumbers[] = {
    {"temperature", "temperature", &Sampling::set_temperature, 0, 2},
    {"top_p", "top_p", &Sampling::set_top_p, 0, 1},
    {"min_p", "min_p", &Sampling::set_min_p, 0, 1},
    {"presence_penalty", "presence_penalty", &Sampling::set_presence_penalty, -2, 2},
    {"frequency_penalty", "frequency_penalty", &Sampling::set_frequency_penalty, -2, 2},
    {"repeat_penalty", "repetition_penalty", &Sampling::set_repetition_penalty, 0, 10},
};

// A whole number. What is below `least` stands for "no limit", or for the runner's default.
struct IntegerOption {
  std::string_view name, canonical;
  void (Sampling::*set)(std::int64_t);
  std::int64_t least;
};
constexpr IntegerOption kIntegers[] = {
    {"num_predict", "max_output_tokens", &Sampling::set_max_output_tokens, 1},
    {"top_k", "top_k", &Sampling::set_top_k, 1},
    {"seed", "seed", &Sampling::set_seed, 0},
};
constexpr std::string_view kStop = "stop";

Error WrongType(std::string_view name, std::string_view type) {
  return Wrong("", "option \"" + std::string(name) + "\" must be of type " + std::string(type));
}

std::string NameOf(std::string_view option) { return Below("options", option); }

Result<void> ReadNumber(const NumberOption& option, const json::value& value, Asked& asked) {
  if (!value.is_number()) return WrongType(option.name, "float32");
  const double number = value.to_number<double>();
  const double clamped = std::clamp(number, option.min, option.max);
  if (clamped != number) Note(asked.repaired, NameOf(option.name));
  (asked.request.mutable_sampling()->*option.set)(clamped);
  asked.wishes.push_back({std::string(option.canonical), NameOf(option.name)});
  return {};
}

Result<void> ReadInteger(const IntegerOption& option, const json::value& value, Asked& asked) {
  if (!value.is_number()) return WrongType(option.name, "integer");
  // Clients written in languages with one kind of number send 128.0; the real server cuts what is behind the point.
  constexpr double kFarthest = 9e15;
  const auto number = static_cast<std::int64_t>(std::clamp(value.to_number<double>(), -kFarthest, kFarthest));
  if (number < option.least) return {};
  (asked.request.mutable_sampling()->*option.set)(number);
  asked.wishes.push_back({std::string(option.canonical), NameOf(option.name)});
  return {};
}

Result<void> ReadStop(const json::value& value, Asked& asked) {
  auto& stops = *asked.request.mutable_sampling()->mutable_stop();
  const auto add = [&stops](const json::value& one) {
    if (!one.is_string()) return false;
    if (!one.get_string().empty()) stops.Add(std::string(one.get_string()));
    return true;
  };
  bool ok = true;
  if (value.is_array()) {
    for (const json::value& one : value.get_array()) ok = ok && add(one);
  } else {
    ok = add(value);
  }
  if (!ok) return WrongType(kStop, "array of strings");
  asked.wishes.push_back({std::string(kStop), NameOf(kStop)});
  return {};
}

Result<void> ReadOption(std::string_view name, const json::value& value, Asked& asked) {
  for (const NumberOption& option : kNumbers) {
    if (option.name == name) return ReadNumber(option, value, asked);
  }
  for (const IntegerOption& option : kIntegers) {
    if (option.name == name) return ReadInteger(option, value, asked);
  }
  if (name == kStop) return ReadStop(value, asked);
  Note(asked.ignored, NameOf(name));
  return {};
}

}  // namespace

Result<void> ReadOptions(const json::object& body, Asked& asked) {
  ASSIGN_OR_RETURN(const json::object* options, Object(body, "options"));
  if (options == nullptr) return {};
  for (const auto& member : *options) {
    if (!member.value().is_null()) RETURN_IF_ERROR(ReadOption(member.key(), member.value(), asked));
  }
  return {};
}

std::vector<std::string_view> MappedOptions() {
  std::vector<std::string_view> names;
  for (const auto& option : kNumbers) names.push_back(option.name);
  for (const auto& option : kIntegers) names.push_back(option.name);
  names.push_back(kStop);
  return names;
}

}  // namespace patchbay::ollama
