// When an account's tokens are to be renewed, seen from its provider's row and from what its last refreshes met.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "workers/accounts/pool/ids.h"
#include "workers/accounts/pool/outcome.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

struct RefreshTerms {
  std::chrono::milliseconds skew{0};  // before an access token's end
  std::chrono::milliseconds age{0};   // of an access token whose end nobody tells; 0: until it is refused
  bool once = false;                  // a refresh token is good for one use, and showing it again may end the login
};

// `skew`: where the row says nothing.
RefreshTerms TermsOf(const Provider& provider, std::chrono::milliseconds skew);

// What is known of the tokens that an account has.
struct TokenAge {
  bool has_access = false;
  std::optional<WallTime> expires_at;
  WallTime since{};
  std::int64_t version = 0;  // of the credential
};

class RefreshHistory {
 public:
  static constexpr std::chrono::milliseconds kFirstBackoff{5'000};
  static constexpr std::chrono::milliseconds kLongestBackoff{300'000};
  // The longest for an account that is good for nothing without new tokens.
  static constexpr std::chrono::milliseconds kNeededBackoff{15'000};
  // A refresh that failed this recently is not tried again for a request that waits.
  static constexpr std::chrono::milliseconds kMoment{1'000};
  // So long before its access token's end a refresh token is shown that may be spent.
  static constexpr std::chrono::milliseconds kLastMoment{60'000};

  explicit RefreshHistory(const AccountId& account);

  bool IsDue(const TokenAge& token, const RefreshTerms& terms, const Moment& now) const;
  bool FailedAMomentAgo(SteadyTime now) const { return failures_ > 0 && now - last_try_ < kMoment; }

  void Tried(SteadyTime now) { last_try_ = now; }
  // The next try waits, longer each time.
  void Failed(SteadyTime now);
  // Tokens came. Those that seem to be at their end at once are not renewed at once.
  void Renewed(const TokenAge& token, const Moment& now);
  // The refresh token of that version was shown, and whether the provider took it nobody knows.
  void PerhapsSpent(std::int64_t version, WallTime since);
  std::optional<WallTime> PerhapsSpentSince(std::int64_t version) const;
  // Another login is in its place.
  void Forget();

 private:
  // Between 1 and 1.15, the same for an account at every start: what was added together is not renewed together.
  double spread_;
  int failures_ = 0;
  SteadyTime last_try_{};
  SteadyTime next_try_{};
  std::optional<WallTime> perhaps_spent_since_;
  std::int64_t perhaps_spent_version_ = 0;
};

}  // namespace patchbay::accounts
