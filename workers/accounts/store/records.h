// What is kept, in our own words. No SQL here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "patchbay/accounts/v1/client_keys.pb.h"
#include "workers/accounts/pool/account.h"
#include "workers/accounts/pool/events.h"
#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

struct Tokens {
  Secret access;
  Secret refresh;
  Secret id;
};

struct StoredAccount {
  AccountId ref;
  std::int64_t order = 0;  // rising, in the order they were added
  std::string provider;
  std::string label;
  std::string provider_account_id;
  std::string user_id;  // accounts of one workspace differ by it
  std::string email;
  std::string plan;
  std::string egress;
  std::string configured_by;  // where the configuration names its key; empty for an account that somebody added
  std::string login_file;     // where another program keeps the same login; empty for one of its own
  bool fedramp = false;
  bool enabled = true;
  int priority = 0;  // these three as in AccountFacts
  int weight = 1;
  std::vector<std::string> tags;  // sorted
  WallTime created_at{};

  // Written by PutTokens alone, once the account is there.
  Tokens tokens;
  std::int64_t credential_version = 1;
  std::optional<WallTime> token_expires_at;  // by our clock; none: the token itself may tell
  WallTime tokens_at{};                      // when these came

  // Kept apart from the above: PutAccount leaves these alone.
  Mark mark;
  QuotaState quota;
  std::int64_t requests_total = 0;
  std::optional<WallTime> last_used_at;
};

struct KeySecret {
  std::string sha256;                   // 32 bytes
  std::optional<WallTime> valid_until;  // empty: as long as the key
  friend bool operator==(const KeySecret&, const KeySecret&) = default;
};

struct StoredClientKey {
  ClientKeyId id;
  std::string name;
  std::string hint;
  // The newest first. Those of a key that the configuration names stay there: the store has none.
  std::vector<KeySecret> secrets;
  WallTime created_at{};
  std::optional<WallTime> revoked_at;
  int quota_view = 0;  // accounts.v1.QuotaView
  v1::KeyTerms terms;
  std::optional<WallTime> expires_at, rotated_at;
  bool configured = false;

  bool ValidAt(WallTime now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

// What a key has used of a day (UTC), as far as its budgets count it.
struct KeyDay {
  ClientKeyId key;
  std::chrono::sys_days day{};
  std::int64_t tokens = 0;  // in and out
  std::int64_t nano_dollars = 0;
  friend bool operator==(const KeyDay&, const KeyDay&) = default;
};

// What a window's use was at a time.
struct QuotaPoint {
  std::string family;  // these three as in Window
  std::chrono::seconds length{0};
  double used_percent = 0;
  std::optional<WallTime> resets_at;
  WallTime at{};
  friend bool operator==(const QuotaPoint&, const QuotaPoint&) = default;
};

struct QuotaPoints {
  std::vector<QuotaPoint> points;  // oldest first
  bool cut = false;                // there are more, older ones
};

// What a plan's accounts were told of the provider's models, in the provider's words.
struct StoredModelList {
  std::string provider;
  std::string plan;
  WallTime fetched_at{};
  std::string body;
};

// Who is about to show an account's refresh token to its provider, of all who share the store; written ahead of that
// and taken back with its result. One that is there after a crash, and says that the token was shown, tells that the
// token may be spent.
struct RefreshClaim {
  AccountId account;
  std::int64_t credential_version = 0;  // of the tokens that hold it
  std::string owner;                    // Store::Node of whoever claims
  WallTime claimed_at{};
  WallTime expires_at{};             // another may claim it from then on
  std::optional<WallTime> shown_at;  // since when the provider may know it, its answer not
};

struct ClaimAnswer {
  enum class Kind {
    kOurs,
    kHeld,         // by another, until `claim.expires_at` at most
    kOtherTokens,  // the account has tokens of another version by now
    kNoAccount,
  };
  Kind kind = Kind::kNoAccount;
  RefreshClaim claim;  // that stands now: with an earlier `shown_at` of these very tokens
};

// A login that a person has begun and not ended, in its own words (login/record.h).
struct StoredLogin {
  LoginId id;
  Secret record;
};

}  // namespace patchbay::accounts
