// Why a request should stop, told once, to whatever it is waiting for at that moment.
#pragma once

#include <functional>
#include <utility>

#include "lib/base/check.h"

namespace patchbay::frontend {

// Shared by the request's coroutine and whoever may end it. Single-threaded.
class Cancellation {
 public:
  enum class Reason { kNone, kClientGone, kDeadline };

  // The first reason wins.
  void Cancel(Reason reason) {
    if (reason_ != Reason::kNone) return;
    reason_ = reason;
    if (hook_) std::exchange(hook_, nullptr)();
  }
  bool cancelled() const { return reason_ != Reason::kNone; }
  Reason reason() const { return reason_; }

  // While it lives, `hook` runs when the request is cancelled; at once when it already is.
  class [[nodiscard]] Hook {
   public:
    Hook(Cancellation& cancellation, std::function<void()> hook) : cancellation_(cancellation) {
      PATCHBAY_CHECK(!cancellation_.hook_);  // a request waits for one thing at a time
      if (cancellation_.cancelled()) {
        hook();
      } else {
        cancellation_.hook_ = std::move(hook);
      }
    }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;
    ~Hook() { cancellation_.hook_ = nullptr; }

   private:
    Cancellation& cancellation_;
  };

 private:
  Reason reason_ = Reason::kNone;
  std::function<void()> hook_;
};

}  // namespace patchbay::frontend
