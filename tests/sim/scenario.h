// A scenario: what the simulated provider shall do with one request. It has a name and parameters, and is chosen by a
// marker in the last user message ("[[sim:stall after=3]]") or by the control API for an account.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::sim {

struct Scenario {
  std::string name = "text";
  std::map<std::string, std::string, std::less<>> params;

  bool Has(std::string_view key) const { return params.find(key) != params.end(); }
  std::string_view Text(std::string_view key, std::string_view fallback = {}) const;
  // The number, or the fallback when it is absent or not a number.
  long long Number(std::string_view key, long long fallback = 0) const;
  bool Flag(std::string_view key) const { return Number(key) != 0; }
};

// An account's scenario and how many requests it is still good for (-1: until it is replaced).
struct StandingScenario {
  Scenario scenario;
  long long remaining = -1;
};

struct MarkedText {
  std::optional<Scenario> scenario;
  std::string text;  // without the marker
};

// Takes the first marker out of a message's text. A value may be in double quotes to hold spaces.
MarkedText ParseMarker(std::string_view text);

// {"name":"…","count":N, any other scalar member is a parameter}.
Result<StandingScenario> ParseStanding(const boost::json::object& body);

// Numeric names and the kinds of refusals are short for `status`: "429", "token_expired". Unknown names are an error,
// so that a misspelt marker cannot pass for a success.
Result<Scenario> Canonical(Scenario scenario);

// True for the scenarios that concern the token endpoint only ("refresh_expired", …).
bool IsRefreshScenario(std::string_view name);
// True for those that concern the catalogue only ("models_stall", …).
bool IsModelsScenario(std::string_view name);
// True for those that concern the usage endpoint only.
bool IsUsageScenario(std::string_view name);

// What is asked for when an account and a message both have a scenario: the account's wins, and what it does not say
// about the text (events, size, seq, …) is taken from a `text` marker.
Scenario Combine(Scenario account, const std::optional<Scenario>& marker);

}  // namespace patchbay::sim
