#include "tests/sim/scenario.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"

namespace patchbay::sim {
namespace {

constexpr std::string_view kOpen = "[[sim:";
constexpr std::string_view kClose = "]]";

constexpr std::array<std::string_view, 30> kNames = {
    "text",       "tools",        "custom_tool", "json",   "refusal",       "incomplete",
    "compaction", "web_search",   "image",       "status", "failed",        "error_event",
    "cut",        "rst",          "stall",       "hold",   "eof",           "slow",
    "split",      "crlf",         "comments",    "huge",   "unknown_event", "missing_event_lines",
    "bad_json",   "rate_limited", "reasoning",   "large",  "ws_close",      "ws_limit"};

constexpr std::array<std::string_view, 7> kRefreshNames = {"refresh_expired", "refresh_invalidated", "refresh_reused",
                                                           "refresh_status",  "refresh_lost",        "refresh_slow",
                                                           "refresh_stall"};

bool IsStatusCode(std::string_view name) {
  return name.size() == 3 && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "key=value key="two words"", separated by blanks.
void ParseParams(std::string_view text, Scenario& scenario) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const auto key_end = text.find_first_of("= ", at);
    const std::string key(text.substr(at, key_end - at));
    if (key_end == std::string_view::npos || text[key_end] == ' ') {
      scenario.params[key] = "1";
      at = key_end;
      continue;
    }
    const std::size_t start = key_end + 1;
    if (start < text.size() && text[start] == '"') {
      const auto quote = std::min(text.find('"', start + 1), text.size());
      scenario.params[key] = text.substr(start + 1, quote - start - 1);
      at = quote + 1;
    } else {
      const auto end = std::min(text.find(' ', start), text.size());
      scenario.params[key] = text.substr(start, end - start);
      at = end;
    }
  }
}

}  // namespace

std::string_view Scenario::Text(std::string_view key, std::string_view fallback) const {
  const auto it = params.find(key);
  return it == params.end() ? fallback : std::string_view(it->second);
}

long long Scenario::Number(std::string_view key, long long fallback) const {
  const auto it = params.find(key);
  if (it == params.end()) return fallback;
  if (it->second == "true") return 1;
  if (it->second == "false") return 0;
  long long number = 0;
  const char* end = it->second.data() + it->second.size();
  const auto [last, error] = std::from_chars(it->second.data(), end, number);
  return error == std::errc() && last == end ? number : fallback;
}

MarkedText ParseMarker(std::string_view text) {
  MarkedText result;
  const auto start = text.find(kOpen);
  const auto end = start == std::string_view::npos ? start : text.find(kClose, start);
  if (end == std::string_view::npos) {
    result.text = text;
    return result;
  }
  const std::string_view inside = text.substr(start + kOpen.size(), end - start - kOpen.size());
  const auto name_end = std::min(inside.find(' '), inside.size());
  Scenario scenario;
  scenario.name = inside.substr(0, name_end);
  ParseParams(inside.substr(name_end), scenario);
  result.scenario = std::move(scenario);
  result.text = std::string(text.substr(0, start));
  result.text += text.substr(end + kClose.size());
  return result;
}

bool IsUsageScenario(std::string_view name) { return name == "usage_status" || name == "usage_stall"; }

bool IsModelsScenario(std::string_view name) {
  return name == "models_status" || name == "models_stall" || name == "models_slow";
}

bool IsRefreshScenario(std::string_view name) {
  return std::find(kRefreshNames.begin(), kRefreshNames.end(), name) != kRefreshNames.end();
}

Result<Scenario> Canonical(Scenario scenario) {
  if (std::find(kNames.begin(), kNames.end(), scenario.name) == kNames.end()) {
    if (IsStatusCode(scenario.name)) {
      scenario.params["code"] = scenario.name;
    } else if (IsRefusalKind(scenario.name)) {
      scenario.params["kind"] = scenario.name;
    } else {
      return Error(ErrorCode::kInvalidArgument, "sim: unknown scenario '" + scenario.name + "'");
    }
    scenario.name = "status";
  }
  if (scenario.name == "status" && !RefusalFor(scenario, "plus", 0)) {
    return Error(ErrorCode::kInvalidArgument, "sim: unknown kind '" + std::string(scenario.Text("kind")) + "'");
  }
  return scenario;
}

Result<StandingScenario> ParseStanding(const boost::json::object& body) {
  StandingScenario standing;
  const auto name = StringAt(body, "name");
  if (!name) return Error(ErrorCode::kInvalidArgument, "a scenario needs a \"name\"");
  standing.scenario.name = *name;
  for (const auto& [key, value] : body) {
    if (key == "name" || value.is_null()) continue;
    std::string text;
    if (value.is_string()) {
      text = std::string_view(value.get_string());
    } else if (value.is_bool()) {
      text = value.get_bool() ? "1" : "0";
    } else if (value.is_int64()) {
      text = std::to_string(value.get_int64());
    } else if (value.is_double()) {
      text = std::to_string(value.get_double());
    } else {
      return Error(ErrorCode::kInvalidArgument, "the parameter '" + std::string(key) + "' is not a scalar");
    }
    standing.scenario.params[std::string(key)] = text;
  }
  standing.remaining = standing.scenario.Number("count", -1);
  standing.scenario.params.erase("count");
  if (IsRefreshScenario(standing.scenario.name) || IsModelsScenario(standing.scenario.name) ||
      IsUsageScenario(standing.scenario.name))
    return standing;
  ASSIGN_OR_RETURN(standing.scenario, Canonical(std::move(standing.scenario)));
  return standing;
}

Scenario Combine(Scenario account, const std::optional<Scenario>& marker) {
  if (marker && marker->name == "text") account.params.insert(marker->params.begin(), marker->params.end());
  return account;
}

}  // namespace patchbay::sim
