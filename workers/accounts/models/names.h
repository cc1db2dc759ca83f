// What a client's name for a model means: the one place that decides it. Pure.
//
//   name   := [provider (":" | "/")] [vendor] model [separator effort] [separator "fast"]
//   effort := minimal | low | medium | high | xhigh; behind a model of the catalog also none | max | ultra and whatever
//             else its list of efforts holds
//
// A name is looked at in this order, and the first that fits decides: an alias of exactly that name; a model of the
// catalog; a provider's prefix; another vendor's in front of such a name; suffixes; an alias with '*' that matches what
// the suffixes left; a name that looks like one of a provider's, which has the last word about it, so that a new model
// works on the day it appears. Behind the prefix of a provider that does not say how its models are called, any name
// does.
//
// Several providers may have a model of that name: the one whose account was added first is asked first, and the others
// stand behind it.
//
// What an alias stands for is a name again, suffixes included, or several with commas between them: the first that
// some account can use is taken, and the others stand behind it should an account refuse it. What stands in the name
// the client wrote wins over what stands in an alias.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

// What a name means, and what takes its place when that is refused, in order.
using ModelChoices = std::vector<ModelChoice>;

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
  // Of one name.
  static constexpr std::size_t kMaxChoices = 8;
  // Names whose meaning is remembered; clients use few.
  static constexpr std::size_t kRememberedMax = 256;

  // `catalog` outlives this. Knows no aliases until it is told which.
  explicit ModelNames(const ModelCatalog& catalog) : catalog_(catalog) {}

  // The operator's aliases stand before the built-in ones.
  void Configure(const std::map<std::string, std::string>& aliases, bool built_in_aliases);

  // Nothing for a name that leads to no provider of ours. `steps` gets one sentence for each decision.
  std::optional<ModelChoice> Resolve(std::string_view name, std::vector<std::string>* steps = nullptr) const;

  // The same, with what stands behind it. Never null; empty for a name that leads nowhere.
  std::shared_ptr<const ModelChoices> Choices(const std::string& name) const;

  // efforts.h, for the model of that name.
  std::string FitEffort(const ModelChoice& choice, const std::string& effort) const;

  // In the order in which they are looked at.
  const std::vector<Alias>& aliases() const { return aliases_; }

 private:
  class Walk;

  // What it means when what is in `skip` is none.
  std::optional<ModelChoice> Next(std::string_view name, const ModelChoices& skip,
                                  std::vector<std::string>* steps = nullptr) const;

  const ModelCatalog& catalog_;
  std::vector<Alias> aliases_;
  mutable std::unordered_map<std::string, std::shared_ptr<const ModelChoices>> remembered_;
  mutable std::uint64_t remembered_version_ = 0;
};

}  // namespace patchbay::accounts
