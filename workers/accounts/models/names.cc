#include "workers/accounts/models/names.h"

#include <algorithm>
#include <array>
#include <string>

#include "lib/base/pattern.h"
#include "workers/accounts/models/built_in_aliases.h"
#include "workers/accounts/models/efforts.h"

namespace patchbay::accounts {
namespace {

// No model's name ends in one of these. What may be part of a name is an effort only behind a model that is known.
constexpr std::array<std::string_view, 5> kPlainEfforts = {"minimal", "low", "medium", "high", "xhigh"};
constexpr std::string_view kFast = "fast";
constexpr std::string_view kFastTier = "priority";  // the provider's word for it (codex-wire §3.1)
constexpr std::string_view kSeparators = "-:";
constexpr std::string_view kPrefixEnds = ":/";  // of a provider

// The more a pattern spells out, the earlier it is looked at.
bool MoreSpecific(const Alias& a, const Alias& b) {
  const auto spelled = [](const Alias& alias) {
    return std::count_if(alias.name.begin(), alias.name.end(), [](char c) { return c != '*'; });
  };
  if (a.IsPattern() != b.IsPattern()) return !a.IsPattern();
  if (spelled(a) != spelled(b)) return spelled(a) > spelled(b);
  return a.name < b.name;
}

std::vector<std::string_view> Candidates(std::string_view target) {
  std::vector<std::string_view> names;
  while (!target.empty()) {
    const std::size_t comma = std::min(target.find(','), target.size());
    std::string_view name = target.substr(0, comma);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (!name.empty()) names.push_back(name);
    target.remove_prefix(std::min(comma + 1, target.size()));
  }
  return names;
}

}  // namespace

// One resolution under way. What is in `skip` is not arrived at.
class ModelNames::Walk {
 public:
  Walk(const ModelNames& names, const ModelChoices& skip, std::vector<std::string>* steps, int* lookups)
      : names_(names), skip_(skip), steps_(steps), lookups_(lookups) {}

  std::optional<ModelChoice> From(std::string_view name) {
    if (!IsModelName(name)) {
      Say("a name has 1 to 128 visible ASCII characters");
      return std::nullopt;
    }
    if (!Go(name, /*suffixes=*/true)) return std::nullopt;
    Fit();
    return std::move(choice_);
  }

 private:
  template <class... Parts>
  void Say(const Parts&... parts) {
    if (steps_ == nullptr) return;
    std::string step;
    (step.append(parts), ...);
    steps_->push_back(std::move(step));
  }

  bool Go(std::string_view name, bool suffixes) {
    if (const Alias* alias = FindAlias(name, /*pattern=*/false)) return Follow(name, *alias);
    if (const Model* model = FindModel(name)) {
      Say(name, " is a model of ", model->provider, "'s catalog");
      return Arrive(model->provider, name);
    }
    if (const std::size_t end = name.find_first_of(kPrefixEnds); end != std::string_view::npos && whose_.empty()) {
      whose_ = names_.catalog_.providers().Called(name.substr(0, end));
      names_.catalog_.Sort(whose_);
      if (!whose_.empty()) {
        Say("the prefix ", name.substr(0, end + 1), " chooses the provider ", Listed(whose_));
        return Go(name.substr(end + 1), suffixes);
      }
    }
    if (const std::string_view rest = BehindVendor(name); !rest.empty()) {
      Say(name, " is ", rest, " for clients that know one vendor's names only");
      return Go(rest, suffixes);
    }
    if (suffixes) {
      const std::string_view rest = TakeSuffixes(name);
      if (rest.size() != name.size()) return Go(rest, false);
    }
    if (const Alias* alias = FindAlias(name, /*pattern=*/true)) return Follow(name, *alias);
    if (const Provider* provider = NamedLikeModelsOf(name)) {
      Say(name, " is not in the catalog, but ", provider->id, " may have it: ", provider->id, " decides");
      return Arrive(provider->id, name);
    }
    Say(name.empty() ? std::string_view("nothing") : name, " is no alias, and no provider serves a model of this name");
    return false;
  }

  const Alias* FindAlias(std::string_view name, bool pattern) const {
    for (const Alias& alias : names_.aliases_) {
      if (alias.IsPattern() != pattern || (pattern ? !MatchesPattern(alias.name, name) : alias.name != name)) continue;
      // "gpt-5.5: openai/gpt-5.5" says whose model of that name it is.
      if (whose_.empty() || std::find(followed_.begin(), followed_.end(), &alias) == followed_.end()) return &alias;
    }
    return nullptr;
  }

  // The first of whom it may be and who is not skipped.
  const Model* FindModel(std::string_view name) const {
    for (const Model* model : names_.catalog_.FindAll(name)) {
      if (IsHis(model->provider) && !IsSkipped(model->provider, name)) return model;
    }
    return nullptr;
  }

  // Of a provider that a prefix has chosen, or of anybody.
  bool IsHis(std::string_view provider) const {
    return whose_.empty() ||
           std::any_of(whose_.begin(), whose_.end(), [&](const Provider* p) { return p->id == provider; });
  }

  bool IsSkipped(std::string_view provider, std::string_view model) const {
    return std::any_of(skip_.begin(), skip_.end(),
                       [&](const ModelChoice& skip) { return skip.provider == provider && skip.wire_model == model; });
  }

  static std::string Listed(const std::vector<const Provider*>& providers) {
    std::string list;
    for (const Provider* provider : providers) list += (list.empty() ? "" : ", ") + provider->id;
    return list;
  }

  const Provider* NamedLikeModelsOf(std::string_view name) const {
    if (name.empty()) return nullptr;
    std::vector<const Provider*> providers = whose_;
    if (whose_.empty()) {
      if (name.find('/') != std::string_view::npos) return nullptr;  // "gpt-oss/20b" is how registries name
      for (const auto& [id, provider] : names_.catalog_.providers().all()) {
        const bool asked = names_.catalog_.HasAccounts(id) || &provider == names_.catalog_.providers().Default();
        if (asked && provider.CanBeCalled()) providers.push_back(&provider);
      }
      names_.catalog_.Sort(providers);
    }
    for (const Provider* provider : providers) {
      const bool says_nothing = provider->row.models().named_like().empty();
      if (whose_.empty() ? provider->NamesLike(name) : says_nothing || provider->NamesLike(name)) return provider;
    }
    return nullptr;
  }

  // The name without the vendor in front, where that is one of ours or the operator's; else empty.
  std::string_view BehindVendor(std::string_view name) const {
    for (const std::string_view prefix : {kClaudePrefix, kVendorPrefix}) {
      if (!name.starts_with(prefix)) continue;
      const std::string_view rest = name.substr(prefix.size());
      if (FindAlias(rest, /*pattern=*/false) != nullptr || FindModel(rest) != nullptr ||
          NamedLikeModelsOf(rest) != nullptr) {
        return rest;
      }
      const Alias* alias = FindAlias(name, /*pattern=*/true);
      if (prefix == kVendorPrefix && (alias == nullptr || alias->built_in)) return rest;
    }
    return {};
  }

  bool Follow(std::string_view name, const Alias& alias) {
    const std::string_view whose = alias.built_in ? "built-in" : "configured";
    if (++hops_ > kMaxHops || --*lookups_ < 0) {
      Say("aliases lead from one to the next without end: see ", alias.name);
      return false;
    }
    const std::vector<std::string_view> candidates = Candidates(alias.target);
    if (candidates.empty()) {
      Say(name, " is turned off by the ", whose, " alias ", alias.name);
      return false;
    }
    Say(name, " fits the ", whose, " alias ", alias.name, ", which stands for ", alias.target);
    followed_.push_back(&alias);
    const std::string_view chosen = candidates.size() == 1 ? candidates.front() : Choose(candidates);
    if (candidates.size() > 1) Say(chosen, " is the first of them that an account can use");
    return Go(chosen, true);
  }

  // The first that leads into the catalog, else the first that leads anywhere, else the first.
  std::string_view Choose(const std::vector<std::string_view>& candidates) {
    std::optional<std::string_view> anywhere;
    for (const std::string_view candidate : candidates) {
      const auto trial = Try(candidate, /*suffixes=*/true);
      if (!trial) continue;
      if (ModelOf(*trial) != nullptr) return candidate;
      if (!anywhere) anywhere = candidate;
    }
    return anywhere.value_or(candidates.front());
  }

  // Where another name would lead from here.
  std::optional<ModelChoice> Try(std::string_view name, bool suffixes) const {
    Walk trial(names_, skip_, nullptr, lookups_);
    trial.hops_ = hops_;
    trial.whose_ = whose_;
    trial.followed_ = followed_;
    if (!trial.Go(name, suffixes)) return std::nullopt;
    return std::move(trial.choice_);
  }

  // The outermost of each kind counts; those of an alias come later than those of the name that led to it.
  std::string_view TakeSuffixes(std::string_view name) {
    if (const std::string_view rest = Before(name, kFast); !rest.empty()) {
      Say("the suffix ", name.substr(rest.size()), " asks for the service tier ", kFastTier);
      if (choice_.service_tier.empty()) choice_.service_tier = kFastTier;
      name = rest;
    }
    const std::size_t separator = name.find_last_of(kSeparators);
    if (separator == std::string_view::npos || separator == 0) return name;
    const std::string_view rest = name.substr(0, separator), effort = name.substr(separator + 1);
    if (!AsksForEffort(rest, effort)) return name;
    Say("the suffix ", name.substr(separator), " asks for the reasoning effort ", effort);
    if (choice_.effort.empty()) choice_.effort = effort;
    return rest;
  }

  // What stands before that last word; empty for another one.
  static std::string_view Before(std::string_view name, std::string_view word) {
    if (!name.ends_with(word) || name.size() < word.size() + 2) return {};
    name.remove_suffix(word.size());
    if (kSeparators.find(name.back()) == std::string_view::npos) return {};
    name.remove_suffix(1);
    return name;
  }

  // "max" is an effort in gpt-6-sol-max, since gpt-6-sol is a model that is known, and part of the name in
  // gpt-9-max.
  bool AsksForEffort(std::string_view rest, std::string_view word) const {
    if (std::find(kPlainEfforts.begin(), kPlainEfforts.end(), word) != kPlainEfforts.end()) return true;
    if (!IsEffort(word) && !names_.catalog_.HasEffort(word)) return false;
    const auto trial = Try(rest, /*suffixes=*/false);
    const Model* model = trial ? ModelOf(*trial) : nullptr;
    if (model == nullptr) return false;
    return IsEffort(word) || std::find(model->efforts.begin(), model->efforts.end(), word) != model->efforts.end();
  }

  bool Arrive(std::string_view provider, std::string_view name) {
    if (!IsModelName(name)) {
      Say("an alias stands for what is no name of a model");
      return false;
    }
    if (!IsHis(provider)) {
      Say(Listed(whose_), " does not serve ", name);
      return false;
    }
    if (IsSkipped(provider, name)) return false;
    choice_.provider = provider;
    choice_.wire_model = name;
    return true;
  }

  // What the model does not know is not asked of it. Of efforts it gets the nearest: the next lower one, else its
  // lowest.
  void Fit() {
    const Model* model = ModelOf(choice_);
    if (model == nullptr) return;
    const auto& tiers = model->service_tiers;
    if (!choice_.service_tier.empty() && std::find(tiers.begin(), tiers.end(), choice_.service_tier) == tiers.end()) {
      Say(choice_.wire_model, " has no tier ", choice_.service_tier, ": it is left out");
      choice_.service_tier.clear();
    }
    if (choice_.effort.empty()) return;
    std::string best = names_.FitEffort(choice_, choice_.effort);
    if (best == choice_.effort) return;
    Say(choice_.wire_model, " is not sent the effort ", choice_.effort, ": ", best, " is the nearest");
    choice_.effort = std::move(best);
  }

  const Model* ModelOf(const ModelChoice& choice) const {
    return names_.catalog_.Find(choice.provider, choice.wire_model);
  }

  const ModelNames& names_;
  const ModelChoices& skip_;
  std::vector<std::string>* steps_;
  int* lookups_;  // that may still follow an alias, trials included
  ModelChoice choice_;
  std::vector<const Alias*> followed_;
  std::vector<const Provider*> whose_;  // one of these, in this order; empty for anybody's
  int hops_ = 0;
};

void ModelNames::Configure(const std::map<std::string, std::string>& aliases, bool built_in_aliases) {
  remembered_.clear();
  aliases_.clear();
  for (const auto& [name, target] : aliases) aliases_.push_back({name, target, false});
  std::sort(aliases_.begin(), aliases_.end(), MoreSpecific);
  if (!built_in_aliases) return;
  std::vector<Alias> built_in;
  for (const BuiltInAlias& alias : BuiltInAliases()) {
    built_in.push_back({std::string(alias.name), std::string(alias.target), true});
  }
  std::sort(built_in.begin(), built_in.end(), MoreSpecific);
  aliases_.insert(aliases_.end(), built_in.begin(), built_in.end());
}

std::optional<ModelChoice> ModelNames::Resolve(std::string_view name, std::vector<std::string>* steps) const {
  return Next(name, {}, steps);
}

std::optional<ModelChoice> ModelNames::Next(std::string_view name, const ModelChoices& skip,
                                            std::vector<std::string>* steps) const {
  int lookups = kMaxLookups;
  return Walk(*this, skip, steps, &lookups).From(name);
}

std::shared_ptr<const ModelChoices> ModelNames::Choices(const std::string& name) const {
  if (remembered_version_ != catalog_.version() || remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_version_ = catalog_.version();
  if (const auto known = remembered_.find(name); known != remembered_.end()) return known->second;
  auto choices = std::make_shared<ModelChoices>();
  while (choices->size() < kMaxChoices) {
    auto choice = Next(name, *choices);
    // What nobody listed is a guess, and one guess is enough.
    if (!choice || (!choices->empty() && catalog_.Find(choice->provider, choice->wire_model) == nullptr)) break;
    choices->push_back(std::move(*choice));
  }
  if (!choices->empty()) remembered_[name] = choices;
  return choices;
}

std::string ModelNames::FitEffort(const ModelChoice& choice, const std::string& effort) const {
  const Model* model = catalog_.Find(choice.provider, choice.wire_model);
  return model == nullptr ? effort : accounts::FitEffort(model->efforts, effort);
}

}  // namespace patchbay::accounts
