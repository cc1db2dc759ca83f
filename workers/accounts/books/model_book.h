// The catalog of models and what clients' names for them mean, kept up to date: each plan of ours is asked for its
// list now and then, and the lists are kept in the store so that they are there after a restart.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/books/update_hub.h"
#include "workers/accounts/models/catalog.h"
#include "workers/accounts/models/names.h"
#include "workers/accounts/store/records.h"
#include "workers/accounts/tokens/fetcher.h"

namespace patchbay::accounts {

// A line of the list of models.
struct ListedModel {
  Model model;
  std::string alias_of;     // the model that an alias stands for; empty for a model
  std::string owner;        // as lists name them
  bool embeddings = false;  // it makes these and nothing else, says its provider's row
};

class ModelBook {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  // A list that could not be fetched is asked for again after the first, then twice that, … up to the second.
  static constexpr std::chrono::seconds kFirstPause{10};
  static constexpr std::chrono::seconds kLongestPause{600};
  // How long a plan's first list is waited for before the shipped one has to do. Claude Code gives up on a list after
  // 3 s (real-clients §7.2).
  static constexpr std::chrono::milliseconds kFirstListWait{2'000};
  // The one key of changes().
  static constexpr const char* kListKey = "models";

  // `providers` outlives this.
  ModelBook(const Providers& providers, AccountBook& accounts, AccountPool& pool, StorageThread& storage,
            Fetcher& fetcher, const Clock& clock, Spawn spawn, CarryEvents carry)
      : providers_(providers),
        accounts_(accounts),
        pool_(pool),
        storage_(storage),
        fetcher_(fetcher),
        clock_(clock),
        spawn_(std::move(spawn)),
        carry_(std::move(carry)),
        catalog_(providers) {}

  // At start: what the store holds.
  void Load(std::vector<StoredModelList> lists);
  // And the providers may have other rows.
  void Configure(const config::v1::Models& config);
  // Starts the fetches that are due and forgets the lists of plans that no account has any more. Call about once a
  // second, and when an account has come, gone or changed.
  void Tick();
  // An account has refused a model.
  void RefusalLearnt() { Look(); }

  // True while the first list of a plan is on its way: what names mean is not known yet. Ends by itself, after
  // kFirstListWait at the latest.
  bool Pending() const;
  // True for a name whose meaning the list that is on its way may change.
  bool PendingFor(const std::string& name) const;

  const ModelCatalog& catalog() const { return catalog_; }
  const ModelNames& names() const { return names_; }
  // What clients may ask for: the catalog, then the operator's aliases that are whole names. Models of the shipped list
  // that every account has refused are left out.
  std::vector<ListedModel> List() const;
  // Names that a client of Anthropic's shows in its lists, for what an account can serve now.
  std::vector<ListedModel> ClaudeNames() const;
  // Why a name leads nowhere, for the client that used it.
  std::string UnknownModel(std::string_view name) const;

  // Told when the lists may have changed, and what is called then.
  UpdateHub& changes() { return changes_; }
  void OnChange(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  using Key = std::pair<std::string, std::string>;  // provider, plan
  struct Plan {
    WallTime fetched_at{};  // the epoch: never
    bool in_flight = false;
    int failures = 0;  // since the last success
    SteadyTime not_before{};
    std::vector<AccountId> accounts;        // that may be asked
    std::optional<SteadyTime> waited_from;  // for its first list
  };

  // A line of a list, without the model's own text.
  struct Name {
    std::string id;
    const Model* model = nullptr;  // lives until the catalog changes; null for one that nobody lists
    std::string alias_of;          // empty for a model
    std::string effort;            // that the alias asks for
    std::string title;             // of an alias
    std::string provider = {};     // of an alias's model
  };

  // `order`: their providers, in the order of the accounts.
  std::set<Key> FindPlans(std::vector<std::string>& order);
  void ForgetMoved();
  Awaitable<void> Fetch(Key key, AccountId account);
  void Keep(const Key& key, std::string body);
  void Failed(Plan& plan);
  bool Waits() const;
  std::vector<Name> Names() const;
  std::vector<Name> SecondNames() const;
  ListedModel Listed(const Name& name) const;
  bool Served(const Model& model) const;
  std::string Fingerprint() const;
  void Look();

  const Providers& providers_;
  AccountBook& accounts_;
  AccountPool& pool_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  const Clock& clock_;
  Spawn spawn_;
  CarryEvents carry_;
  ModelCatalog catalog_;
  ModelNames names_{catalog_};
  std::map<Key, Plan> plans_;
  std::map<std::string, std::string> places_;  // of each provider's list, as of the last configuration
  std::chrono::milliseconds refresh_{0};
  bool waits_ = false;  // for a plan's first list, as of the last look
  UpdateHub changes_;
  std::function<void()> changed_;
  std::string fingerprint_;  // of what watchers were told last
};

}  // namespace patchbay::accounts
