// What a client's name for a model means: the one place that decides it. Pure.
//
//   name   := [provider ":"] model ["-" effort] ["-fast"]
//   effort := minimal | low | medium | high | xhigh
//
// A name is looked at in this order, and the first that fits decides: an alias of exactly that name; a model of the
// catalog; a provider's prefix; suffixes; an alias with '*' that matches what the suffixes left; a name that looks
// like one of a provider's, which has the last word about it, so that a new model works on the day it appears.
//
// What an alias stands for is a name again, suffixes included, or several with commas between them: the first that
// some account can use is taken. What stands in the name the client wrote wins over what stands in an alias.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/accounts/models/catalog.h"

namespace patchbay::accounts {

// What a name came to.
struct ModelChoice {
  std::string provider;
  std::string wire_model;
  std::string effort;        // reasoning effort that the name asks for; empty for the request's own
  std::string service_tier;  // latency tier that the name asks for; empty for the request's own
};

struct Alias {
  std::string name;    // '*' stands for any text
  std::string target;  // empty: no model, which turns a built-in alias off
  bool built_in = false;

  bool IsPattern() const { return name.find('*') != std::string::npos; }
};

class ModelNames {
 public:
  // From alias to alias to model; more is taken for a mistake.
  static constexpr int kMaxHops = 8;
  // The same for all candidates of all aliases together.
  static constexpr int kMaxLookups = 64;

  // `catalog` outlives this. Knows no aliases until it is told which.
  explicit ModelNames(const ModelCatalog& catalog) : catalog_(catalog) {}

  // The operator's aliases stand before the built-in ones.
  void Configure(const std::map<std::string, std::string>& aliases, bool built_in_aliases);

  // Nothing for a name that leads to no provider of ours. `steps` gets one sentence for each decision.
  std::optional<ModelChoice> Resolve(std::string_view name, std::vector<std::string>* steps = nullptr) const;

  // The effort that the model has and that is nearest to `effort`: the next lower one, else its lowest. The same for a
  // model whose efforts are not known.
  std::string FitEffort(std::string_view wire_model, const std::string& effort) const;

  // In the order in which they are looked at.
  const std::vector<Alias>& aliases() const { return aliases_; }

 private:
  class Walk;

  const ModelCatalog& catalog_;
  std::vector<Alias> aliases_;
};

}  // namespace patchbay::accounts
