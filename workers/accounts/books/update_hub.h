// Many watchers of one changing set: each is told of every key once per change, at its own pace.
//
// A watcher that is slow does not pile up messages: what waits for it is the set of changed keys, and the value is
// looked up when it is sent. Single-threaded.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lib/async/event.h"

namespace patchbay::accounts {

class UpdateHub {
  // Whoever waits until a change has been told; shared, so that a watcher may outlive the hub.
  struct Waiting {
    void Look() {
      std::erase_if(timers, [](const auto& weak) { return weak.expired(); });
      for (const auto& weak : std::vector(timers)) {
        if (const auto timer = weak.lock()) timer->cancel();
      }
    }
    std::vector<std::weak_ptr<asio::steady_timer>> timers;
  };

 public:
  class Watcher {
   public:
    explicit Watcher(asio::any_io_executor executor) : event(std::move(executor)) {}
    ~Watcher() { Told(); }
    void Add(const std::string& key) {
      if (waiting_.insert(key).second) order_.push_back(key);
      event.Notify();
    }
    bool Next(std::string& key) {
      if (order_.empty()) return false;
      key = std::move(order_.front());
      order_.pop_front();
      waiting_.erase(key);
      Told();
      return true;
    }
    bool Waits(const std::string& key) const { return waiting_.contains(key); }
    // The caller left.
    void Leave() {
      gone = true;
      event.Notify();
      Told();
    }

    async::Event event;
    bool gone = false;
    bool draining = false;  // we are leaving

   private:
    friend class UpdateHub;
    void Told() {
      if (told_) told_->Look();
    }
    std::shared_ptr<Waiting> told_;
    std::deque<std::string> order_;
    std::unordered_set<std::string> waiting_;
  };

  // Everybody that watches is told about `key`.
  void Changed(const std::string& key) {
    ForEach([&](Watcher& watcher) { watcher.Add(key); });
  }
  void Subscribe(const std::shared_ptr<Watcher>& watcher) {
    if (draining_) watcher->draining = true;
    watcher->told_ = waiting_;
    watchers_.push_back(watcher);
  }
  // True when every watcher has been sent `key`'s last change.
  bool Told(const std::string& key) {
    bool told = true;
    ForEach([&](Watcher& watcher) { told = told && (watcher.gone || !watcher.Waits(key)); });
    return told;
  }
  // Returns when Told, or after `longest`.
  Awaitable<void> WaitUntilTold(asio::io_context& io, std::string key, std::chrono::milliseconds longest) {
    const auto timer = std::make_shared<asio::steady_timer>(io, longest);
    waiting_->timers.push_back(timer);
    while (!Told(key)) {
      boost::system::error_code woken;
      co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
      if (!woken) co_return;  // the time is over
    }
  }
  void Drain() {
    draining_ = true;
    ForEach([](Watcher& watcher) {
      watcher.draining = true;
      watcher.event.Notify();
    });
  }

 private:
  template <class Visit>
  void ForEach(Visit visit) {
    std::erase_if(watchers_, [](const auto& weak) { return weak.expired(); });
    for (const auto& weak : std::vector(watchers_)) {
      if (const auto watcher = weak.lock()) visit(*watcher);
    }
  }
  std::vector<std::weak_ptr<Watcher>> watchers_;
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
  bool draining_ = false;
};

}  // namespace patchbay::accounts
