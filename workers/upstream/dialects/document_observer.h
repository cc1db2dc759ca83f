// Watches an answer that is one JSON object and passes byte for byte: where it ends. Nothing is built or kept, and what
// stands inside is nobody's business here. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

// No honest answer of this kind is longer.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{32} << 20;

class DocumentObserver final : public ResponseObserver {
 public:
  // kProtocol for what is no object, and for anything but space behind it; kTooLarge beyond the bound.
  Result<void> Feed(std::string_view bytes) override;
  std::size_t may_be_error() const override { return 0; }
  // `ended` once the object is closed.
  const ResponseSummary& summary() const override { return summary_; }

 private:
  ResponseSummary summary_;
  std::size_t bytes_ = 0;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;  // by a backslash just before
};

}  // namespace patchbay::upstream
