#include "workers/accounts/tokens/refresh_schedule.h"

#include <algorithm>
#include <functional>
#include <string>

#include "lib/time/proto_time.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

milliseconds Times(milliseconds span, double factor) {
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(span.count()) * factor));
}

}  // namespace

RefreshTerms TermsOf(const Provider& provider, milliseconds skew) {
  const auto& oauth = provider.row.auth().oauth();
  const milliseconds own = ToMilliseconds(oauth.refresh_skew());
  return {own.count() > 0 ? own : skew, ToMilliseconds(oauth.refresh_age()), oauth.refresh_token_once()};
}

RefreshHistory::RefreshHistory(const AccountId& account)
    : spread_(1 + 0.15 * static_cast<double>(std::hash<std::string>{}(account.str()) % 1000) / 1000.0) {}

bool RefreshHistory::IsDue(const TokenAge& token, const RefreshTerms& terms, const Moment& now) const {
  const bool needed = !token.has_access || (token.expires_at && *token.expires_at <= now.wall);
  if (now.steady < (needed ? std::min(next_try_, last_try_ + kNeededBackoff) : next_try_)) return false;
  if (!token.has_access) return true;
  if (PerhapsSpentSince(token.version)) {
    // Better known now than on the day it is needed; but where the question itself may end the login, the access token
    // is used up first.
    return !terms.once || (token.expires_at && *token.expires_at - now.wall <= kLastMoment);
  }
  if (token.expires_at) return *token.expires_at - now.wall <= Times(terms.skew, spread_);
  return terms.age.count() > 0 && now.wall - token.since >= Times(terms.age, 1 / spread_);
}

void RefreshHistory::Failed(SteadyTime now) {
  next_try_ = now + Times(std::min(kFirstBackoff * (1 << std::min(2 * failures_, 12)), kLongestBackoff), spread_);
  ++failures_;
}

void RefreshHistory::Renewed(const TokenAge& token, const Moment& now) {
  Forget();
  milliseconds rest = kLongestBackoff;
  if (token.has_access && token.expires_at) {
    rest = std::clamp<milliseconds>((*token.expires_at - now.wall) / 2, kFirstBackoff, kLongestBackoff);
  }
  next_try_ = now.steady + rest;
}

void RefreshHistory::PerhapsSpent(std::int64_t version, WallTime since) {
  if (PerhapsSpentSince(version)) return;  // the first time counts
  perhaps_spent_version_ = version;
  perhaps_spent_since_ = since;
}

std::optional<WallTime> RefreshHistory::PerhapsSpentSince(std::int64_t version) const {
  return version == perhaps_spent_version_ ? perhaps_spent_since_ : std::nullopt;
}

void RefreshHistory::Forget() {
  failures_ = 0;
  next_try_ = {};
  perhaps_spent_since_.reset();
}

}  // namespace patchbay::accounts
