// A disk of a process that ends at a step of its own choosing, or fills up.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "tests/unit/workers/accounts/store/counting_store.h"

namespace patchbay::accounts {

inline constexpr int kNever = 1 << 30;

// The n-th step is the last of this process: nothing is written and nobody is asked from then on.
class Fate {
 public:
  std::atomic<int> disk_takes{kNever};  // so many transactions more
  void Arm(int last_step) {
    steps_ = 0;
    last_step_ = last_step;
  }
  void Disarm() { last_step_ = kNever; }
  // Before and after whatever lasts longer than the process. True: it is over.
  bool Step() { return ++steps_ >= last_step_; }
  bool over() const { return steps_ >= last_step_; }

 private:
  std::atomic<int> steps_{0};
  std::atomic<int> last_step_{kNever};
};

class FatedStore final : public CountingStore {
 public:
  FatedStore(std::unique_ptr<Store> store, Fate& fate)
      : CountingStore(std::move(store), commits_, full_), fate_(fate) {}
  Result<void> InTransaction(const std::function<Result<void>()>& work) override {
    if (inside_) return CountingStore::InTransaction(work);
    const Error dead(ErrorCode::kUnavailable, "the process is gone");
    if (fate_.Step()) return dead;
    if (fate_.disk_takes-- <= 0) return Error(ErrorCode::kUnavailable, "database or disk is full");
    inside_ = true;
    Result<void> done = CountingStore::InTransaction(work);
    inside_ = false;
    if (fate_.Step()) return dead;  // written, and nobody heard of it
    return done;
  }

 private:
  std::atomic<int> commits_{0};
  std::atomic<bool> full_{false};
  Fate& fate_;
  bool inside_ = false;
};

}  // namespace patchbay::accounts
