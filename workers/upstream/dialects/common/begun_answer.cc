#include "workers/upstream/dialects/common/begun_answer.h"

#include <algorithm>

namespace patchbay::upstream {

std::string_view BegunAnswer::Feed(std::string_view piece) {
  if (done_) return piece;
  held_.append(piece);
  const std::size_t common = std::min(held_.size(), beginning_.size());
  const bool same = std::string_view(held_).substr(0, common) == std::string_view(beginning_).substr(0, common);
  if (same && common < beginning_.size()) return {};
  done_ = true;
  return std::string_view(held_).substr(same ? common : 0);
}

std::string_view BegunAnswer::Flush() {
  if (done_) return {};
  done_ = true;
  return held_;
}

}  // namespace patchbay::upstream
