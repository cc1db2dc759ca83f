// The catalog of models and what clients' names for them mean, kept up to date: each plan of ours is asked for its
// list now and then, and the lists are kept in the store so that they are there after a restart.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/models/catalog.h"
#include "workers/accounts/models/names.h"
#include "workers/accounts/store/records.h"
#include "workers/accounts/tokens/fetcher.h"

namespace patchbay::accounts {

// A line of the list of models.
struct ListedModel {
  Model model;
  std::string alias_of;  // the model that an operator's alias stands for; empty for a model
};

class ModelBook {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  // A list that could not be fetched is asked for again after the first, then twice that, … up to the second.
  static constexpr std::chrono::seconds kFirstPause{10};
  static constexpr std::chrono::seconds kLongestPause{600};

  ModelBook(AccountBook& accounts, AccountPool& pool, StorageThread& storage, Fetcher& fetcher, const Clock& clock,
            Spawn spawn)
      : accounts_(accounts),
        pool_(pool),
        storage_(storage),
        fetcher_(fetcher),
        clock_(clock),
        spawn_(std::move(spawn)) {}

  // At start: what the store holds.
  void Load(std::vector<StoredModelList> lists);
  void Configure(const config::v1::Models& config);
  // Starts the fetches that are due and forgets the lists of plans that no account has any more. Call about once a
  // second.
  void Tick();

  const ModelCatalog& catalog() const { return catalog_; }
  const ModelNames& names() const { return names_; }
  // What clients may ask for: the catalog, then the operator's aliases that are whole names.
  std::vector<ListedModel> List() const;

 private:
  using Key = std::pair<std::string, std::string>;  // provider, plan
  struct Plan {
    WallTime fetched_at{};  // the epoch: never
    bool in_flight = false;
    int failures = 0;  // since the last success
    SteadyTime not_before{};
    std::vector<AccountId> accounts;  // that may be asked
  };

  std::set<Key> FindPlans();
  Awaitable<void> Fetch(Key key, AccountId account);
  void Keep(const Key& key, std::string body);
  void Failed(Plan& plan);

  AccountBook& accounts_;
  AccountPool& pool_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  const Clock& clock_;
  Spawn spawn_;
  ModelCatalog catalog_;
  ModelNames names_{catalog_};
  std::map<Key, Plan> plans_;
  std::chrono::milliseconds refresh_{0};
};

}  // namespace patchbay::accounts
