// What must be undone when a scope is left, however it is left: by its end, by a return or by an exception.
#pragma once

#include <utility>

namespace patchbay {

// Runs `undo`, which must not throw, when it goes out of scope. In a coroutine, what `undo` refers to must stand in the
// same frame before it, or outlive it.
template <class Undo>
class [[nodiscard]] OnExit {
 public:
  explicit OnExit(Undo undo) : undo_(std::move(undo)) {}
  ~OnExit() { undo_(); }
  OnExit(const OnExit&) = delete;
  OnExit& operator=(const OnExit&) = delete;

 private:
  Undo undo_;
};

}  // namespace patchbay
