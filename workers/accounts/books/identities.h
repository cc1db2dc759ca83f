// Which accounts are the same one, found without a look at each of them. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// Same provider, provider account and user, where both name one; else the same token, or none on either side.
bool IsSameIdentity(const StoredAccount& a, const StoredAccount& b);

class Identities {
 public:
  // Adds it, or has it where it belongs by now.
  void Put(const StoredAccount& account);
  void Remove(const AccountId& account);
  // The first by its ref, other than itself, that `is_same` says yes to; those that cannot be are not asked about.
  std::optional<AccountId> SameAs(const StoredAccount& account,
                                  const std::function<bool(const AccountId&)>& is_same) const;

 private:
  using Place = std::size_t;  // hashed: two that have nothing in common may share one
  // Where it stands, and where those stand that may be the same.
  static std::vector<Place> PlacesOf(const StoredAccount& account);
  static std::vector<Place> PlacesToLook(const StoredAccount& account);

  std::unordered_map<Place, std::set<AccountId>> at_;
  std::unordered_map<AccountId, std::vector<Place>> places_;
};

}  // namespace patchbay::accounts
