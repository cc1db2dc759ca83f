// Answers that are kept so that a client can go on from one by its id (`previous_response_id`), look at it, or refer to
// an item of it (`item_reference`). Not every provider stores them, so this is done here, in memory.
//
// Everything is kept per client key: one key never sees what another was answered. The turns of one conversation share
// their items, so a conversation of n turns costs its text once, not n times. Two bounds: bytes over all keys, where
// the key that uses most loses its oldest answer first, and age. Nothing is written to disk: a frontend that restarts
// has forgotten, and says `previous_response_not_found`.
//
// Pure: it is told the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.h"

namespace patchbay::frontend {

// Items of a conversation as JSON, separated by commas and without brackets: "{…},{…}". May be empty.
using ItemsJson = std::shared_ptr<const std::string>;

struct StoredResponse {
  std::string id;
  std::string response;            // the Response object, as the client saw it
  std::vector<ItemsJson> history;  // what was said before this turn, oldest first
  ItemsJson input;                 // what the client said in this turn
  ItemsJson output;                // what was answered, as it may be said again
  // By what the conversation is recognised, so that the next turn goes to the same account.
  std::string cache_key, first_turn;

  // The conversation up to and with this answer.
  std::vector<ItemsJson> Conversation() const;
};

class StoredResponses {
 public:
  struct Limits {
    std::size_t bytes = 0;  // 0: nothing is kept
    std::chrono::milliseconds max_age{0};
  };

  // Keeps nothing until it is told its limits.
  StoredResponses() = default;
  explicit StoredResponses(Limits limits) : limits_(limits) {}

  void SetLimits(Limits limits, SteadyTime now);

  // False when it is not kept: larger than everything together may be. A known id is replaced.
  bool Put(std::string_view client_key, StoredResponse response, SteadyTime now);
  // Null when it was never kept or is no longer. Valid until the next call.
  const StoredResponse* Find(std::string_view client_key, std::string_view id, SteadyTime now);
  // The JSON of an item that an answer still kept had as output.
  std::optional<std::string> FindItem(std::string_view client_key, std::string_view item_id, SteadyTime now);
  bool Erase(std::string_view client_key, std::string_view id, SteadyTime now);

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const;

 private:
  struct Entry {
    StoredResponse response;
    SteadyTime kept_at;
    std::size_t own_bytes = 0;          // without the shared items
    std::vector<std::string> item_ids;  // of its output
  };
  struct ItemPlace {
    ItemsJson items;
    std::size_t offset = 0, size = 0;
  };
  // What one client key has.
  struct Shelf {
    std::list<Entry> entries;  // oldest first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_id;
    std::unordered_map<std::string, ItemPlace> items;
    std::unordered_map<const std::string*, int> uses;  // of shared items, by how many entries
    std::size_t bytes = 0;
  };

  void Index(Shelf& shelf, Entry& entry);
  void Remove(Shelf& shelf, std::list<Entry>::iterator entry);
  void Charge(Shelf& shelf, std::size_t bytes);
  void Refund(Shelf& shelf, std::size_t bytes);
  void DropExpired(SteadyTime now);
  void DropOverBound();
  Shelf* Find(std::string_view client_key);

  Limits limits_;
  std::unordered_map<std::string, Shelf> shelves_;  // by client key
  std::size_t bytes_ = 0;
};

// The store as one client key sees it.
class ClientResponses {
 public:
  // Store and clock outlive this.
  ClientResponses(StoredResponses& store, std::string client_key, const Clock& clock)
      : store_(store), client_key_(std::move(client_key)), clock_(clock) {}

  bool Put(StoredResponse response) { return store_.Put(client_key_, std::move(response), clock_.Steady()); }
  const StoredResponse* Find(std::string_view id) { return store_.Find(client_key_, id, clock_.Steady()); }
  std::optional<std::string> FindItem(std::string_view id) { return store_.FindItem(client_key_, id, clock_.Steady()); }
  bool Erase(std::string_view id) { return store_.Erase(client_key_, id, clock_.Steady()); }

 private:
  StoredResponses& store_;
  const std::string client_key_;
  const Clock& clock_;
};

}  // namespace patchbay::frontend
