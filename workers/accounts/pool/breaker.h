// A circuit breaker for one way to one provider: when calls of several conversations in a row fail on the way, new ones
// wait a little instead of piling up; then one goes ahead to see.
//
// A conversation counts once, however often its client repeats the request: a request that the provider chokes on is
// no sign that the way is down. For the same reason one client alone never closes a way that others use, and another
// conversation than the one that failed last goes ahead.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

// Who called.
struct Caller {
  ClientKeyId key;
  std::string conversation;  // the affinity key; empty: all of the key's are taken for one
  friend bool operator==(const Caller&, const Caller&) = default;
};

// Which client keys used a provider lately: the two that did last are enough to tell whether there is another.
class RecentKeys {
 public:
  static constexpr std::chrono::minutes kLately{10};

  void Saw(const ClientKeyId& key, SteadyTime now) {
    if (!newest_ || newest_->key != key) {
      before_ = std::move(newest_);
      newest_ = {key, now};
    }
    newest_->at = now;
  }
  bool HasOtherThan(const ClientKeyId& key, SteadyTime now) const {
    const auto& other = newest_ && newest_->key == key ? before_ : newest_;
    return other && now - other->at < kLately;
  }

 private:
  struct Seen {
    ClientKeyId key;
    SteadyTime at;
  };
  std::optional<Seen> newest_, before_;  // of different keys
};

class Breaker {
 public:
  static constexpr std::size_t kConversationsToOpen = 5;
  static constexpr std::chrono::milliseconds kFirstPause{1000};
  static constexpr std::chrono::milliseconds kLongestPause{15000};
  // A scout that never reports back is replaced after this.
  static constexpr std::chrono::milliseconds kScoutPatience{10000};
  // Failures further apart are no row.
  static constexpr std::chrono::minutes kRowEnds{10};
  // So long after the pause the conversation that failed last waits for another one to go ahead.
  static constexpr std::chrono::milliseconds kOthersFirst{1000};

  // May a call start now? When open, exactly one may after the pause: the scout.
  bool Allows(const Caller& caller, SteadyTime now) const {
    if (!open_) return true;
    const bool failed_last = !failing_.empty() && failing_.back() == caller;
    return now >= paused_until_ + (failed_last ? kOthersFirst : std::chrono::milliseconds(0)) && now >= scout_until_;
  }
  // A call starts.
  void Started(SteadyTime now) {
    if (open_) scout_until_ = now + kScoutPatience;
  }
  // The provider answered, whatever it said.
  void Reached() {
    open_ = false;
    failing_.clear();
    pause_ = kFirstPause;
  }
  // `others_call`: client keys other than this one's use the provider too.
  void Failed(const Caller& caller, bool others_call, const std::string& evidence, SteadyTime now) {
    const bool was_open = open_;
    // Calls from before it opened still come in; only the scout's failure prolongs the pause.
    if (was_open && now < paused_until_) return;
    if (!was_open && now - failed_at_ >= kRowEnds) failing_.clear();
    failed_at_ = now;
    std::erase(failing_, caller);
    if (failing_.size() >= kConversationsToOpen) failing_.erase(failing_.begin());
    failing_.push_back(caller);
    evidence_ = evidence;
    if (was_open) {
      pause_ = std::min(pause_ * 2, kLongestPause);
      Pause(now);
    } else if (failing_.size() >= kConversationsToOpen && (keys() > 1 || !others_call)) {
      Pause(now);
    }
  }
  bool open() const { return open_; }
  // It opened and the scout failed too: waiting longer is no use.
  bool hopeless() const { return open_ && pause_ > kFirstPause; }
  SteadyTime paused_until() const { return paused_until_; }
  // What failed last, in how many conversations of how many keys in a row. The count ends with what it takes to open.
  const std::string& evidence() const { return evidence_; }
  std::size_t conversations() const { return failing_.size(); }
  std::size_t keys() const {
    std::size_t count = 0;
    for (auto at = failing_.begin(); at != failing_.end(); ++at) {
      count += std::none_of(failing_.begin(), at, [&](const Caller& before) { return before.key == at->key; }) ? 1 : 0;
    }
    return count;
  }

 private:
  void Pause(SteadyTime now) {
    open_ = true;
    paused_until_ = now + pause_;
    scout_until_ = {};
  }
  bool open_ = false;
  std::vector<Caller> failing_;  // the latest last, each once
  std::string evidence_;
  SteadyTime failed_at_{};
  std::chrono::milliseconds pause_ = kFirstPause;
  SteadyTime paused_until_{};
  SteadyTime scout_until_{};
};

}  // namespace patchbay::accounts
