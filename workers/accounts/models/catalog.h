// The models that a client may ask for: the lists that the plans of our accounts told, over what the providers' rows
// know. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

// Visible ASCII of bounded length: what can be a model's name at all.
bool IsModelName(std::string_view name);
inline constexpr std::size_t kMaxModelNameBytes = 128;

struct Model {
  std::string id;
  std::string provider;
  std::string display_name;
  std::string description;
  std::int64_t context_window = 0;  // tokens; 0 for not known
  std::int64_t max_output = 0;      // the same
  std::optional<bool> vision;       // in the catalog always there
  std::optional<bool> tools;
  std::vector<std::string> efforts;  // in rising order
  std::string default_effort;        // empty: the provider's business
  std::vector<std::string> service_tiers;
  bool hidden = false;             // works when it is named, but lists do not show it
  std::int64_t priority = 0;       // lists show the smaller ones first
  std::int64_t created_at = 0;     // seconds since 1970
  std::vector<std::string> plans;  // that told of it
  // That told a list without it.
  std::vector<std::string> lacking_plans;
  // US dollars for a million tokens, as in "1.25"; empty for not known.
  std::string input_price, cached_input_price, output_price;
  bool told = false;  // the provider's list has it; else only its row
  std::string entry;  // the provider's own words in the form of codex-wire §12, JSON; empty where it told none

  bool live() const { return told || !entry.empty(); }
};

class ModelCatalog {
 public:
  using PlanKey = std::pair<std::string, std::string>;  // provider, plan

  // What one plan told.
  struct PlanList {
    std::string provider;
    std::string plan;
    WallTime fetched_at{};
    std::vector<Model> models;
  };

  // `providers` outlives this. Knows what their rows know.
  explicit ModelCatalog(const Providers& providers);

  const Providers& providers() const { return providers_; }
  // They have other rows now.
  void RowsChanged() { Rebuild(); }

  // In display order. Several providers may have a model of one name.
  const std::vector<Model>& models() const { return models_; }
  // Null for a name that is not on the list of that provider. The pointer lives until the catalog changes.
  const Model* Find(std::string_view provider, std::string_view id) const;
  // Every provider's model of that name, in the order in which they are asked.
  std::vector<const Model*> FindAll(std::string_view id) const;
  // The first of them, or null.
  const Model* Find(std::string_view id) const;
  // In the order in which they are asked: those with accounts in the order of these, the default one, the others.
  void Sort(std::vector<const Provider*>& providers) const;
  bool HasAccounts(std::string_view provider) const;
  // Whether some model knows this word for an effort.
  bool HasEffort(std::string_view word) const;
  bool Told(const PlanKey& plan) const { return lists_.contains(plan); }
  // Another one after each change.
  std::uint64_t version() const { return version_; }

  // Replaces what that plan told before.
  void Put(PlanList list);
  void Forget(const std::string& provider, const std::string& plan);
  // The plans that our accounts have, and their providers in the order of the accounts. Models that only a row knows
  // are shown while a plan's list is missing: once all are there they are the truth. Without any account the default
  // provider's are shown.
  void Expect(std::set<PlanKey> plans, std::vector<std::string> order = {});

 private:
  void Rebuild();
  void AddRow(const Provider& provider);
  // Smaller is asked earlier.
  std::size_t RankOf(std::string_view provider) const;

  const Providers& providers_;
  std::map<PlanKey, PlanList> lists_;
  std::set<PlanKey> expected_;
  std::vector<std::string> order_;  // of providers
  std::vector<Model> models_;
  std::uint64_t version_ = 0;
};

}  // namespace patchbay::accounts
