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
#include "workers/accounts/core/key_calls.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/store/read_thread.h"
#include "workers/accounts/tokens/refresher.h"

namespace patchbay::accounts {

// An account as all parts know it. The pointers live until the next change.
struct AccountView {
  const StoredAccount* stored = nullptr;
  std::optional<WallTime> token_expires_at;
  const PoolAccount* pooled = nullptr;
  int slots = 0;
  WallTime now{};
  std::string login_file_problem;
  std::optional<WallTime> refresh_unanswered_since;
};

// Of a request that somebody might make.
struct Question {
  std::string model;
  std::string affinity_key;
  std::string client_key;  // id or name; empty for none
};

// What an answer that somebody has seen would be taken for.
struct TriedVerdict {
  FailureFacts failure;
  Verdict verdict;
  bool operators = false;  // by a row of theirs
};

class Administration {
 public:
  static constexpr int kUsageRowsDefault = 100;
  static constexpr int kUsageRowsMax = 10'000;
  static constexpr int kUsageGroupsDefault = 1000;
  static constexpr int kUsageGroupsMax = 10'000;
  static constexpr std::chrono::days kUsageSpanDefault{30};

  Administration(const Clock& clock, AccountPool& pool, AccountBook& accounts, const ClientKeyBook& keys,
                 const KeyCalls& key_calls, const ModelBook& models, Refresher& refresher, SharedLogins& shared,
                 ReadThread& reads, Fetcher& fetcher, const Providers& providers, CarryEvents carry)
      : clock_(clock),
        pool_(pool),
        accounts_(accounts),
        keys_(keys),
        key_calls_(key_calls),
        models_(models),
        refresher_(refresher),
        shared_(shared),
        reads_(reads),
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
  // Those of that ref or label; all but those whose key the configuration names, when none are given.
  Result<std::vector<const StoredAccount*>> ToExport(const std::vector<std::string>& accounts) const;
  // The account of the login that another program keeps in that file, sharing it from now on.
  Awaitable<Result<Added>> ShareLogin(std::string file, std::string label);
  Awaitable<Result<void>> ChangeAccount(AccountId account, AccountEdit edit);
  // What was seen of it is forgotten, without asking anybody.
  void ClearAccount(const AccountId& account);
  // Not one whose key the configuration names: it would come back. With `revoke` its provider is asked to forget the
  // login, and true comes back when it says so; the account goes all the same. A shared login is left to the program
  // that keeps it.
  Awaitable<Result<bool>> RemoveAccount(AccountId account, bool revoke);
  Awaitable<Result<void>> RefreshAccount(AccountId account) { return refresher_.RefreshNow(std::move(account)); }

  Awaitable<Result<TriedVerdict>> TryVerdict(std::string provider, SeenAnswer answer) const;

  int slots() const { return pool_.settings().slots_per_account; }
  Strategy strategy() const { return pool_.settings().strategy; }
  Result<PoolExplanation> Explain(const Question& question) const;

  // Keys and accounts may be named here as people do.
  Awaitable<Result<UsagePage>> Usage(int limit, std::string request_id, UsageFilter filter);
  Awaitable<Result<UsageSums>> SumUsage(UsageQuestion question);
  // What people call a group of that kind; empty when nobody knows it any more.
  std::string LabelOf(UsageBy by, const std::string& of) const;

 private:
  void Named(UsageFilter& filter) const;
  Awaitable<bool> Revoke(AccountId account);
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }

  const Clock& clock_;
  AccountPool& pool_;
  AccountBook& accounts_;
  const ClientKeyBook& keys_;
  const KeyCalls& key_calls_;
  const ModelBook& models_;
  Refresher& refresher_;
  SharedLogins& shared_;
  ReadThread& reads_;
  Fetcher& fetcher_;
  const Providers& providers_;
  CarryEvents carry_;
};

}  // namespace patchbay::accounts
