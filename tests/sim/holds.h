// Streams that wait until a test lets them go on: "[[sim:hold after=3 key=x]]" and POST /control/release {"key":"x"}.
// A key stays released until the reset, so a test need not know whether the stream has arrived at its hold yet.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace patchbay::sim {

class Holds {
 public:
  using Wake = std::function<void()>;
  struct Waiting {
    std::string key;
    Wake wake;
  };
  using Ticket = std::list<Waiting>::iterator;

  bool IsReleased(std::string_view key) const { return released_.find(key) != released_.end(); }
  Ticket Wait(std::string key, Wake wake) { return waiting_.insert(waiting_.end(), {std::move(key), std::move(wake)}); }
  void Leave(Ticket ticket) { waiting_.erase(ticket); }

  void Release(std::string_view key) {
    released_.emplace(key);
    for (const Waiting& waiting : waiting_) {
      if (waiting.key == key) waiting.wake();
    }
  }
  // Whoever waits goes on; later holds wait again.
  void Reset() {
    for (const Waiting& waiting : waiting_) released_.insert(waiting.key);
    for (const Waiting& waiting : waiting_) waiting.wake();
    released_.clear();
    ++resets_;
  }
  unsigned long resets() const { return resets_; }

  // How many wait, by key.
  std::map<std::string, int> Counts() const {
    std::map<std::string, int> counts;
    for (const Waiting& waiting : waiting_) ++counts[waiting.key];
    return counts;
  }

 private:
  std::list<Waiting> waiting_;
  std::set<std::string, std::less<>> released_;
  unsigned long resets_ = 0;
};

}  // namespace patchbay::sim
