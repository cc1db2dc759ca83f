// The accounts themselves: who they are and their secrets, in memory and in the store.
//
// A change is made in memory first and written in the same order, so that a write never carries an older value of
// something else; who asked is answered, and the pool and the upstream worker are told, once it is durable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/async/asio.h"
#include "lib/async/event.h"
#include "lib/base/clock.h"
#include "workers/accounts/books/identities.h"
#include "workers/accounts/books/update_hub.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/providers/login.h"
#include "workers/accounts/providers/providers.h"
#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {

struct NewAccount {
  std::string provider;
  std::string label;
  Tokens tokens;
  std::string provider_account_id;
  std::string configured_by;  // StoredAccount
  // The provider has just handed these tokens out, and said how long they live.
  bool issued = false;
  // The account that the person logs in again, who may know better than the tokens say. Empty: they name none.
  AccountId replaces = {};
  std::optional<std::chrono::seconds> expires_in;
  // Of an account that is new; one that is there keeps its operator's.
  bool enabled = true;
  int priority = 0;
  int weight = 1;
  std::vector<std::string> tags;
  std::string login_file;  // StoredAccount; empty leaves that of one that is there
};

struct Added {
  AccountId account;
  bool created = false;  // false: an account of the same identity was updated
};

// What an operator changes of an account; what is not set stays.
struct AccountEdit {
  std::optional<bool> enabled;
  std::optional<std::string> label;
  std::optional<int> priority;
  std::optional<int> weight;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> login_file;
  bool any() const { return enabled || label || priority || weight || tags || login_file; }
};

class AccountBook {
 public:
  static constexpr std::size_t kMaxAccounts = 100'000;
  static constexpr int kPriorityMax = 1000;  // and as far below zero
  static constexpr int kWeightMax = 1000;

  // `providers` outlives this.
  AccountBook(const Providers& providers, AccountPool& pool, StorageThread& storage, const Clock& clock,
              CarryEvents carry)
      : providers_(providers), pool_(pool), storage_(storage), clock_(clock), carry_(std::move(carry)) {}

  // `changed` is called whenever an account has come, gone or become another; not for what is there at start.
  void OnChange(std::function<void()> changed) { changed_ = std::move(changed); }
  // At start: what the store holds.
  void Load(std::vector<StoredAccount> accounts);
  // The providers have other rows: what their accounts need may have changed.
  void RowsChanged();

  const StoredAccount* Find(const AccountId& ref) const;
  // By ref, label, or an unambiguous beginning of a ref.
  Result<AccountId> Resolve(const std::string& text) const;
  // In the order they were added; those not durable yet are not among them.
  std::vector<const StoredAccount*> All() const;
  std::optional<WallTime> TokenExpiry(const AccountId& ref) const;

  // One durable step for all of them; one result each. An identity that is known is updated: same provider, provider
  // account and user, or same key. A banned or disabled account stays so; a login revives an expired one.
  // `also` is written in the same step, unless none of them can be one.
  Awaitable<std::vector<Result<Added>>> Add(std::vector<NewAccount> accounts,
                                            std::function<Result<void>(Store&)> also = nullptr);
  Awaitable<Result<void>> Update(AccountId ref, AccountEdit edit);
  Awaitable<Result<void>> Remove(AccountId ref);
  // New tokens of a refresh that showed `shown`; empty ones keep their old value. Ends its claim in the same
  // transaction. OK: these are durable, or newer ones that somebody brought meanwhile. Not durable on an error: the
  // tokens are in use all the same, WriteTokens writes them later.
  Awaitable<Result<void>> ApplyTokens(AccountId ref, Secret shown, Tokens tokens,
                                      std::optional<std::chrono::seconds> expires_in);
  Awaitable<Result<void>> WriteTokens(AccountId ref);
  // The store has the account's tokens as they are here.
  bool IsKept(const AccountId& ref) const;
  // What the program that shares its login has made of it. In use whether or not the disk takes it.
  Awaitable<Result<void>> TakeLogin(AccountId ref, Tokens tokens);
  std::vector<AccountId> WithLoginFile() const;
  // Tokens that another process has written.
  void Adopt(const AccountId& ref, StoredAccount theirs);
  // When `ref` turned out to be an account that is there under another ref, that one gets its tokens and `ref` goes.
  Awaitable<Result<Added>> MergeIfKnown(AccountId ref);
  // Usage rows and leases keep these two going.
  void CountRequest(const AccountId& ref, WallTime at);

  UpdateHub& credentials() { return credentials_; }

 private:
  struct Entry {
    StoredAccount stored;
    std::optional<WallTime> token_expires_at;
    bool durable = false;
    std::int64_t kept_version = 0;  // of the tokens that the store has; 0 for none
    bool being_written = false;
    std::vector<std::shared_ptr<async::Event>> waiting;  // for their turn to write
  };
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }
  Entry* Get(const AccountId& ref);
  Entry* SameIdentity(const StoredAccount& account);
  Entry* MeantBy(const NewAccount& account, const StoredAccount& fresh);
  AccountFacts FactsOf(const Entry& entry) const;
  // What the access token says. To be called after each change of its tokens or of who it is.
  TokenClaims ReadTokens(Entry& entry);
  TokenClaims TakeClaims(Entry& entry) const;
  // Whether these can be an account of that provider.
  Result<void> Check(const NewAccount& account, const Provider& provider) const;
  Result<AccountId> Prepare(NewAccount& account, bool& created);
  // Tells the pool, and those who follow it, what it is now; and whoever waits for any change.
  void Publish(const Entry& entry);
  void PutInPool(const Entry& entry);
  Awaitable<void> TakePen(AccountId ref);
  void LayDownPen(const AccountId& ref);
  void WasKept(const AccountId& ref, std::int64_t version);
  void Forget(const AccountId& ref);

  const Providers& providers_;
  AccountPool& pool_;
  StorageThread& storage_;
  const Clock& clock_;
  CarryEvents carry_;
  std::function<void()> changed_;
  std::map<AccountId, Entry> entries_;
  Identities identities_;  // of all of them
  std::int64_t next_order_ = 1;
  UpdateHub credentials_;
};

}  // namespace patchbay::accounts
