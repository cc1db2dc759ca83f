// A parser of simdjson's for the time of one text, kept for the next. For this folder alone: simdjson's header is
// large.
#pragma once

#include <cstddef>
#include <optional>

namespace patchbay::wire {

// A parser keeps buffers several times the size of what it parsed. Small ones are worth keeping; after a large body the
// memory is given back.
inline constexpr std::size_t kKeepParserBytes = std::size_t{256} << 10;

// One per thread and kind: nobody borrows while he has one.
template <class Parser>
class BorrowedParser {
 public:
  explicit BorrowedParser(std::size_t size) {
    if (size > kKeepParserBytes) own_.emplace();
  }
  Parser& operator*() {
    static thread_local Parser kept;
    return own_ ? *own_ : kept;
  }

 private:
  std::optional<Parser> own_;
};

}  // namespace patchbay::wire
