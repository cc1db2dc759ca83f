#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

#include <algorithm>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_text.h"

namespace patchbay::frontend {
namespace {

// What an entry costs beside its texts: nodes of the list and the maps, roughly.
constexpr std::size_t kEntryOverhead = 512;
constexpr std::size_t kItemOverhead = 128;

template <class Visit>
void ForEachShared(const StoredResponse& response, Visit visit) {
  for (const ItemsJson& items : response.history) visit(items);
  visit(response.input);
  visit(response.output);
}

}  // namespace

std::vector<ItemsJson> StoredResponse::Conversation() const {
  std::vector<ItemsJson> all = history;
  all.push_back(input);
  all.push_back(output);
  return all;
}

void StoredResponses::SetLimits(Limits limits, SteadyTime now) {
  limits_ = limits;
  DropExpired(now);
  DropOverBound();
}

bool StoredResponses::Put(std::string_view client_key, StoredResponse response, SteadyTime now) {
  DropExpired(now);
  std::size_t whole = kEntryOverhead + response.response.size() + response.first_turn.size();
  ForEachShared(response, [&](const ItemsJson& items) { whole += items->size(); });
  if (whole > limits_.bytes) return false;

  const std::string id = response.id;
  Shelf& shelf = shelves_[std::string(client_key)];
  if (const auto known = shelf.by_id.find(id); known != shelf.by_id.end()) Remove(shelf, known->second);
  Entry& entry = shelf.entries.emplace_back();
  entry.response = std::move(response);
  entry.kept_at = now;
  shelf.by_id[id] = std::prev(shelf.entries.end());
  Index(shelf, entry);
  DropOverBound();
  return Find(client_key, id, now) != nullptr;
}

const StoredResponse* StoredResponses::Find(std::string_view client_key, std::string_view id, SteadyTime now) {
  DropExpired(now);
  Shelf* shelf = Find(client_key);
  if (shelf == nullptr) return nullptr;
  const auto found = shelf->by_id.find(std::string(id));
  return found == shelf->by_id.end() ? nullptr : &found->second->response;
}

std::optional<std::string> StoredResponses::FindItem(std::string_view client_key, std::string_view item_id,
                                                     SteadyTime now) {
  DropExpired(now);
  Shelf* shelf = Find(client_key);
  if (shelf == nullptr) return std::nullopt;
  const auto found = shelf->items.find(std::string(item_id));
  if (found == shelf->items.end()) return std::nullopt;
  return found->second.items->substr(found->second.offset, found->second.size);
}

bool StoredResponses::Erase(std::string_view client_key, std::string_view id, SteadyTime now) {
  DropExpired(now);
  Shelf* shelf = Find(client_key);
  if (shelf == nullptr) return false;
  const auto found = shelf->by_id.find(std::string(id));
  if (found == shelf->by_id.end()) return false;
  Remove(*shelf, found->second);
  return true;
}

std::size_t StoredResponses::size() const {
  std::size_t count = 0;
  for (const auto& [key, shelf] : shelves_) count += shelf.entries.size();
  return count;
}

void StoredResponses::Index(Shelf& shelf, Entry& entry) {
  const StoredResponse& response = entry.response;
  entry.own_bytes = kEntryOverhead + response.id.size() + response.response.size() + response.cache_key.size() +
                    response.first_turn.size() + response.history.size() * sizeof(ItemsJson);
  ForEachShared(response, [&](const ItemsJson& items) {
    if (++shelf.uses[items.get()] == 1) Charge(shelf, items->size());
  });
  // Where each item lies in the text, so that it can be referred to.
  const std::string list = "[" + *response.output + "]";
  std::size_t at = 0;
  if (const auto parsed = wire::ParseJson(list); parsed.ok() && parsed->is_array()) {
    for (const auto& item : parsed->get_array()) {
      const std::string text = wire::JsonText(item);
      if (response.output->compare(at, text.size(), text) != 0) break;  // written by somebody else: not referable
      if (const std::string_view id = wire::FindString(item, "id"); !id.empty()) {
        shelf.items[std::string(id)] = {response.output, at, text.size()};
        entry.item_ids.emplace_back(id);
        entry.own_bytes += kItemOverhead + id.size() * 2;
      }
      at += text.size() + 1;
    }
  }
  Charge(shelf, entry.own_bytes);
}

void StoredResponses::Remove(Shelf& shelf, std::list<Entry>::iterator entry) {
  for (const std::string& id : entry->item_ids) {
    const auto place = shelf.items.find(id);
    if (place != shelf.items.end() && place->second.items == entry->response.output) shelf.items.erase(place);
  }
  ForEachShared(entry->response, [&](const ItemsJson& items) {
    const auto use = shelf.uses.find(items.get());
    if (--use->second > 0) return;
    shelf.uses.erase(use);
    Refund(shelf, items->size());
  });
  Refund(shelf, entry->own_bytes);
  shelf.by_id.erase(entry->response.id);
  shelf.entries.erase(entry);
}

void StoredResponses::Charge(Shelf& shelf, std::size_t bytes) {
  shelf.bytes += bytes;
  bytes_ += bytes;
}

void StoredResponses::Refund(Shelf& shelf, std::size_t bytes) {
  shelf.bytes -= bytes;
  bytes_ -= bytes;
}

void StoredResponses::DropExpired(SteadyTime now) {
  for (auto it = shelves_.begin(); it != shelves_.end();) {
    Shelf& shelf = it->second;
    while (!shelf.entries.empty() && now - shelf.entries.front().kept_at >= limits_.max_age) {
      Remove(shelf, shelf.entries.begin());
    }
    it = shelf.entries.empty() ? shelves_.erase(it) : std::next(it);
  }
}

void StoredResponses::DropOverBound() {
  while (bytes_ > limits_.bytes) {
    const auto largest = std::max_element(shelves_.begin(), shelves_.end(),
                                          [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; });
    Remove(largest->second, largest->second.entries.begin());
    if (largest->second.entries.empty()) shelves_.erase(largest);
  }
}

StoredResponses::Shelf* StoredResponses::Find(std::string_view client_key) {
  const auto found = shelves_.find(std::string(client_key));
  return found == shelves_.end() ? nullptr : &found->second;
}

}  // namespace patchbay::frontend
