// What people want to know of accounts and of whole providers: when they stop serving, and when they can again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "workers/accounts/pool/events.h"

namespace patchbay::accounts {

// What a change of an account's state is called; nothing for one that is not worth telling.
std::optional<events::v1::EventKind> KindOf(AccountState from, AccountState to);

// Whether the accounts of each provider can serve at all. Counting one costs the same however many there are.
class Standings {
 public:
  enum class Standing {
    kServes,     // or will within moments
    kExhausted,  // each that could waits for its window
    kStuck,      // each needs a person
  };

  // After anything about it has changed.
  void Count(const PoolAccount& account);
  void Remove(const AccountId& account);
  // Those whose standing is another than when this was asked last. The first time nothing is told: what stood so before
  // a restart is no news.
  std::vector<std::pair<std::string, Standing>> TakeChanges();

 private:
  enum class Part { kAble, kExhausted, kStuck, kOut };
  struct Stock {
    std::map<Part, int> parts;
    Standing told = Standing::kServes;
    bool stirred = false;
  };
  void Add(const std::string& provider, Part part, int count);

  std::unordered_map<AccountId, std::pair<std::string, Part>> counted_;
  std::map<std::string, Stock> stocks_;
  bool stirred_ = false;
  bool begun_ = false;
};

}  // namespace patchbay::accounts
