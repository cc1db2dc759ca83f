// The accounts that the simulated provider knows: their tokens, their plan's windows and what they shall do next.
// Pure: the caller brings the time. Owned by the one thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/scenario.h"

namespace patchbay::sim {

// One of a plan's quota periods (codex-wire §5, §13).
struct Window {
  double used_percent = 0;
  long long minutes = 0;
  long long reset_at = 0;  // unix seconds
};

// A limit of one model, beside the plan's windows.
struct ExtraLimit {
  std::string name;     // "GPT-5.3-Codex-Spark"
  std::string feature;  // "codex_bengalfox"
  std::string model;    // that is counted against it
  Window primary;
};

struct Credits {
  bool has = false;
  bool unlimited = false;
  std::string balance = "0";
};

struct ResetCredit {
  std::string id;
  long long expires_at = 0;
  std::string redeemed_by;  // the request's id; empty: it is good
};

struct Account {
  std::string id;
  std::string user_id;
  std::string label;
  std::string email;
  std::string plan;
  long long expires_in_s = 0;
  std::string access_token;
  std::string refresh_token;
  std::string id_token;
  std::string api_key;  // for the public API's own paths, where no login is asked for
  long long expires_at = 0;
  Window primary;
  Window secondary;
  std::vector<ExtraLimit> extra;
  Credits credits;
  std::vector<ResetCredit> reset_credits;
  std::optional<StandingScenario> usage_scenario;
  double used_per_request = 0;  // percent of the primary window that each admitted request takes
  std::optional<StandingScenario> scenario;
  std::optional<StandingScenario> refresh_scenario;
  std::optional<StandingScenario> models_scenario;
  std::string cookie;  // for __cf_bm: the same for all its answers
  std::string last_cookie_received;
  long long requests = 0;
  long long refreshes = 0;
  long long refused_refreshes = 0;
  long long logins = 0;             // codes that became tokens
  long long refused_exchanges = 0;  // codes that did not
  long long revocations = 0;
  long long reused_refresh_tokens = 0;  // spent ones that came again: somebody lost or raced for a rotation
};

struct NewAccount {
  std::string label;
  std::string plan = "plus";
  long long expires_in_s = 864'000;  // ten days, as the real ones
  std::string api_key = {};          // empty: one is made
};

class Accounts {
 public:
  static constexpr std::size_t kAccountsMax = 10'000;
  static constexpr std::size_t kSpentTokensMax = 100'000;  // the oldest are forgotten first

  // Null when there are too many already, or another account has the key.
  Account* Create(const NewAccount& wanted, long long now);
  Account* Find(std::string_view id);
  Account* FindByKey(std::string_view api_key);
  // Gives the account another key; the old one is good for nothing from now on.
  void ReplaceKey(Account& account);
  bool Remove(std::string_view id);
  void Clear();
  const std::map<std::string, std::unique_ptr<Account>, std::less<>>& all() const { return accounts_; }

  // Whose token it is. `refusal` is the kind of 401 that it deserves, empty when it is good.
  struct TokenCheck {
    Account* account = nullptr;
    std::string_view refusal;
  };
  TokenCheck CheckAccessToken(std::string_view token, long long now);

  // Takes a refresh token. With an account the tokens have rotated; else `code` says why not: "refresh_token_reused" or
  // "invalid_grant".
  struct Refreshed {
    Account* account = nullptr;
    std::string_view code;
  };
  Refreshed Refresh(std::string_view refresh_token, long long now);
  // The account of a refresh token that is still good, without using it.
  Account* OwnerOfRefreshToken(std::string_view refresh_token);

  // Gives the account new tokens; the old ones are spent.
  void Rotate(Account& account, long long now);
  // Sets the windows back to a fresh plan's.
  static void ResetWindows(Account& account, long long now);

 private:
  // Access tokens are found by their last characters: they begin alike for a thousand.
  static std::string_view TokenKey(std::string_view token);
  void Spend(const std::string& token, const std::string& account_id);
  void Forget(Account& account);

  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
  std::map<std::string, Account*, std::less<>> access_tokens_;  // current ones, by TokenKey
  std::map<std::string, Account*, std::less<>> refresh_tokens_;
  std::map<std::string, Account*, std::less<>> api_keys_;
  std::map<std::string, std::string, std::less<>> spent_;  // whose it was, by TokenKey
  std::deque<std::string> spent_order_;
};

}  // namespace patchbay::sim
