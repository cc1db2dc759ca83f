// The models that a client may ask for: the lists that the plans of our accounts told, over the one that is shipped
// with the program. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/clock.h"

namespace patchbay::accounts {

// Visible ASCII of bounded length: what can be a model's name at all.
bool IsModelName(std::string_view name);
inline constexpr std::size_t kMaxModelNameBytes = 128;

struct Model {
  std::string id;
  std::string provider;
  std::string display_name;
  std::string description;
  std::int64_t context_window = 0;  // tokens
  bool vision = false;
  bool tools = false;
  std::vector<std::string> efforts;  // in rising order
  std::string default_effort;        // empty: the provider's business
  std::vector<std::string> service_tiers;
  bool hidden = false;             // works when it is named, but lists do not show it
  std::int64_t priority = 0;       // lists show the smaller ones first
  std::int64_t created_at = 0;     // seconds since 1970
  std::vector<std::string> plans;  // that told of it
  // That told a list without it.
  std::vector<std::string> lacking_plans;
  std::string entry;  // the provider's own words, JSON; empty for a model that is only on the shipped list

  bool live() const { return !entry.empty(); }
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

  // The shipped list.
  ModelCatalog();

  // In display order.
  const std::vector<Model>& models() const { return models_; }
  // Null for a name that is not on the list. The pointer lives until the catalog changes.
  const Model* Find(std::string_view id) const;
  // Whether some model knows this word for an effort.
  bool HasEffort(std::string_view word) const;
  bool Told(const PlanKey& plan) const { return lists_.contains(plan); }
  // Another one after each change.
  std::uint64_t version() const { return version_; }

  // Replaces what that plan told before.
  void Put(PlanList list);
  void Forget(const std::string& provider, const std::string& plan);
  // The plans that our accounts have. Models of the shipped list of which no plan told are shown only while a
  // plan's list is missing: once all are there they are the truth.
  void Expect(std::set<PlanKey> plans);

 private:
  void Rebuild();

  std::map<PlanKey, PlanList> lists_;
  std::set<PlanKey> expected_;
  std::vector<Model> models_;
  std::uint64_t version_ = 0;
};

}  // namespace patchbay::accounts
