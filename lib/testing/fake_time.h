// A clock that stands still until a test moves it, and calls back what has become due.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "lib/async/time_source.h"

namespace patchbay::testing {

class FakeTime final : public async::TimeSource {
 public:
  WallTime Now() const override { return WallTime(std::chrono::milliseconds(1'767'225'600'000)) + passed_; }
  SteadyTime Steady() const override { return SteadyTime() + std::chrono::hours(1) + passed_; }
  std::unique_ptr<Timer> At(SteadyTime when, std::function<void()> then) override {
    auto timer = std::make_unique<FakeTimer>();
    timer->place = due_->emplace(when, Due{timer.get(), std::move(then)});
    timer->due = due_;
    return timer;
  }

  // What becomes due on the way is called at its time, earliest first. Callers run their event loop afterwards.
  void Advance(std::chrono::milliseconds by) {
    const SteadyTime until = Steady() + by;
    while (!due_->empty() && due_->begin()->first <= until) {
      const SteadyTime when = due_->begin()->first;
      if (when > Steady()) passed_ += std::chrono::duration_cast<std::chrono::milliseconds>(when - Steady());
      Due due = std::move(due_->begin()->second);
      due.timer->due.reset();
      due_->erase(due_->begin());
      due.then();
    }
    passed_ += std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady());
  }
  // How many wait.
  std::size_t pending() const { return due_->size(); }

 private:
  struct FakeTimer;
  struct Due {
    FakeTimer* timer;
    std::function<void()> then;
  };
  using Queue = std::multimap<SteadyTime, Due>;
  struct FakeTimer final : Timer {
    ~FakeTimer() override {
      if (const auto queue = due.lock()) queue->erase(place);
    }
    std::weak_ptr<Queue> due;  // empty once it has been called
    Queue::iterator place;
  };

  std::chrono::milliseconds passed_{0};
  std::shared_ptr<Queue> due_ = std::make_shared<Queue>();
};

}  // namespace patchbay::testing
