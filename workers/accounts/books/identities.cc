#include "workers/accounts/books/identities.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay::accounts {
namespace {

// What accounts stand by. A named one and one without a name are the same by their tokens only, so that those stand
// apart: of two that are named, tokens say nothing.
enum class By : char {
  kProviderAccount,
  kUser,
  kRefresh,
  kAccess,
  kNothing,
  kNamedRefresh,
  kNamedAccess,
  kNamedNothing
};

std::size_t Hash(By by, const StoredAccount& account, std::string_view value, std::string_view user = {}) {
  std::string text(1, static_cast<char>(by));
  text.append(account.provider).append(1, '\0').append(value).append(1, '\0').append(user);
  return std::hash<std::string>()(text);
}

bool HoldsNothing(const StoredAccount& account) {
  return account.tokens.access.empty() && account.tokens.refresh.empty();
}

void AddByTokens(const StoredAccount& account, bool named, std::vector<std::size_t>& places) {
  const Secret& refresh = account.tokens.refresh;
  const Secret& access = account.tokens.access;
  if (HoldsNothing(account)) places.push_back(Hash(named ? By::kNamedNothing : By::kNothing, account, {}));
  if (!refresh.empty()) {
    places.push_back(Hash(named ? By::kNamedRefresh : By::kRefresh, account, refresh.Reveal()));
  }
  if (!access.empty()) places.push_back(Hash(named ? By::kNamedAccess : By::kAccess, account, access.Reveal()));
}

}  // namespace

bool IsSameIdentity(const StoredAccount& a, const StoredAccount& b) {
  if (a.provider != b.provider) return false;
  if (!a.provider_account_id.empty() && !b.provider_account_id.empty()) {
    return a.provider_account_id == b.provider_account_id &&
           (a.user_id == b.user_id || a.user_id.empty() || b.user_id.empty());
  }
  // There is one way to hold nothing.
  if (HoldsNothing(a) && HoldsNothing(b)) return true;
  // Without a name on either side, only the same token is surely the same account.
  const auto same = [](const Secret& one, const Secret& other) {
    return !one.empty() && ConstantTimeEqual(one.Reveal(), other.Reveal());
  };
  return same(a.tokens.refresh, b.tokens.refresh) || same(a.tokens.access, b.tokens.access);
}

std::vector<Identities::Place> Identities::PlacesOf(const StoredAccount& account) {
  std::vector<Place> places;
  const bool named = !account.provider_account_id.empty();
  if (named) {
    places.push_back(Hash(By::kProviderAccount, account, account.provider_account_id));
    places.push_back(Hash(By::kUser, account, account.provider_account_id, account.user_id));
  }
  AddByTokens(account, named, places);
  return places;
}

std::vector<Identities::Place> Identities::PlacesToLook(const StoredAccount& account) {
  std::vector<Place> places;
  AddByTokens(account, false, places);
  if (account.provider_account_id.empty()) {
    AddByTokens(account, true, places);
  } else if (account.user_id.empty()) {
    places.push_back(Hash(By::kProviderAccount, account, account.provider_account_id));
  } else {
    // One provider account may be that of thousands of users.
    places.push_back(Hash(By::kUser, account, account.provider_account_id, account.user_id));
    places.push_back(Hash(By::kUser, account, account.provider_account_id));
  }
  return places;
}

void Identities::Put(const StoredAccount& account) {
  std::vector<Place> places = PlacesOf(account);
  const auto known = places_.find(account.ref);
  if (known != places_.end()) {
    if (known->second == places) return;
    Remove(account.ref);
  }
  for (const Place place : places) at_[place].insert(account.ref);
  places_[account.ref] = std::move(places);
}

void Identities::Remove(const AccountId& account) {
  const auto known = places_.find(account);
  if (known == places_.end()) return;
  for (const Place place : known->second) {
    const auto there = at_.find(place);
    if (there == at_.end()) continue;  // two of its places were one
    there->second.erase(account);
    if (there->second.empty()) at_.erase(there);
  }
  places_.erase(known);
}

std::optional<AccountId> Identities::SameAs(const StoredAccount& account,
                                            const std::function<bool(const AccountId&)>& is_same) const {
  std::optional<AccountId> first;
  for (const Place place : PlacesToLook(account)) {
    const auto there = at_.find(place);
    if (there == at_.end()) continue;
    const auto found = std::find_if(there->second.begin(), there->second.end(),
                                    [&](const AccountId& ref) { return ref != account.ref && is_same(ref); });
    if (found != there->second.end() && (!first || *found < *first)) first = *found;
  }
  return first;
}

}  // namespace patchbay::accounts
