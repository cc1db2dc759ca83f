// That a client has left, and what ends the call that runs for it. Held by shared_ptr: the exchange's callback may
// outlive the call.
#pragma once

#include <functional>
#include <utility>

namespace patchbay::ollama {

class Departure {
 public:
  // The client has left.
  void Tell() {
    gone_ = true;
    if (end_) std::exchange(end_, nullptr)();
  }
  bool gone() const { return gone_; }

  // What ends the call that runs from now on: called once, at once when the client is gone already. Empty: none runs.
  void Ends(std::function<void()> end) {
    if (gone_ && end) return end();
    end_ = std::move(end);
  }

 private:
  bool gone_ = false;
  std::function<void()> end_;
};

}  // namespace patchbay::ollama
