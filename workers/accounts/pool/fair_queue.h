// Who is served next among those who wait: client keys take turns, and within a key first come, first served.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <unordered_map>

#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

// Holds serial numbers; what they mean is the caller's business.
class FairQueue {
 public:
  void PushBack(const ClientKeyId& key, std::uint64_t serial);
  // For a request that was served once and failed through no fault of its own.
  void PushFront(const ClientKeyId& key, std::uint64_t serial);
  void Remove(const ClientKeyId& key, std::uint64_t serial);

  // Offers those who wait in fair order. `serve` takes one and returns true, or returns false and leaves it
  // in its place. `capacity` is asked before each offer; false ends the round. Ends when nobody was served in a
  // whole turn. `serve` must not touch the queue.
  void Serve(const std::function<bool()>& capacity, const std::function<bool(std::uint64_t)>& serve);

  std::size_t size() const { return size_; }

 private:
  struct Line {
    ClientKeyId key;
    std::deque<std::uint64_t> waiting;
  };
  Line& LineOf(const ClientKeyId& key);
  void Drop(std::list<Line>::iterator line);

  std::list<Line> lines_;  // the front has the next turn
  std::unordered_map<ClientKeyId, std::list<Line>::iterator> by_key_;
  std::size_t size_ = 0;
};

}  // namespace patchbay::accounts
