// What the operator may see and change, as verbs: each change is durable, and the pool and the other workers know of
// it, when it returns.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workers/accounts/books/account_book.h"
#include "workers/accounts/books/client_key_book.h"
#include "workers/accounts/books/model_book.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/tokens/refresher.h"

namespace patchbay::accounts {

// An account as all parts know it. The pointers live until the next change.
struct AccountView {
  const StoredAccount* stored = nullptr;
  std::optional<WallTime> token_expires_at;
  const PoolAccount* pooled = nullptr;
  int slots = 0;
  WallTime now{};
};

// Of a request that somebody might make.
struct Question {
  std::string model;
  std::string affinity_key;
  std::string client_key;  // id or name; empty for none
};

class Administration {
 public:
  static constexpr int kUsageRowsDefault = 100;
  static constexpr int kUsageRowsMax = 10'000;

  Administration(asio::io_context& io, const Clock& clock, AccountPool& pool, AccountBook& accounts,
                 ClientKeyBook& keys, const ModelBook& models, Refresher& refresher, StorageThread& storage,
                 Fetcher& fetcher, const Providers& providers, CarryEvents carry)
      : io_(io),
        clock_(clock),
        pool_(pool),
        accounts_(accounts),
        keys_(keys),
        models_(models),
        refresher_(refresher),
        storage_(storage),
        fetcher_(fetcher),
        providers_(providers),
        carry_(std::move(carry)) {}

  // By ref, label, or an unambiguous beginning of a ref.
  Result<AccountId> Resolve(const std::string& text) const { return accounts_.Resolve(text); }
  std::vector<AccountView> Accounts() const;
  AccountView View(const AccountId& account) const;
  std::map<std::string, int> AccountsByState() const;
  std::vector<PausedWay> PausedWays() const { return pool_.PausedWays(Now()); }

  // One result each. Those that came as a refresh token alone are refreshed first: such a token says nothing of its
  // account until it has been used.
  Awaitable<std::vector<Result<Added>>> AddAccounts(std::vector<NewAccount> accounts);
  Awaitable<Result<void>> ChangeAccount(AccountId account, AccountEdit edit);
  // What was seen of it is forgotten, without asking anybody.
  void ClearAccount(const AccountId& account);
  // Not one whose key the configuration names: it would come back. With `revoke` its provider is asked to forget the
  // login, and true comes back when it says so; the account goes all the same.
  Awaitable<Result<bool>> RemoveAccount(AccountId account, bool revoke);
  Awaitable<Result<void>> RefreshAccount(AccountId account) { return refresher_.RefreshNow(std::move(account)); }

  int slots() const { return pool_.settings().slots_per_account; }
  Strategy strategy() const { return pool_.settings().strategy; }
  Result<Outlook> Explain(const Question& question) const;

  // The frontends know of it when these return, those that do not read excepted.
  Awaitable<Result<NewClientKey>> CreateKey(std::string name);
  Awaitable<Result<StoredClientKey>> RevokeKey(std::string key);
  std::vector<StoredClientKey> Keys(bool include_revoked) const { return keys_.List(include_revoked); }

  Awaitable<Result<UsagePage>> Usage(int limit, std::string request_id);

 private:
  Awaitable<bool> Revoke(AccountId account);
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }

  asio::io_context& io_;
  const Clock& clock_;
  AccountPool& pool_;
  AccountBook& accounts_;
  ClientKeyBook& keys_;
  const ModelBook& models_;
  Refresher& refresher_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  const Providers& providers_;
  CarryEvents carry_;
};

}  // namespace patchbay::accounts
