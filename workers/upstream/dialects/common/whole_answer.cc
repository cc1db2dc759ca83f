#include "workers/upstream/dialects/common/whole_answer.h"

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::upstream {

bool AnswerForm::IsStream(std::string_view& bytes) {
  if (known_) return stream_;
  bytes = TrimStart(bytes, "\r\n");
  if (bytes.empty()) return true;
  known_ = true;
  stream_ = bytes.front() != '{';
  return stream_;
}

Result<std::string_view> WholeAnswer::Feed(std::string_view bytes) {
  while (!bytes.empty() && !brackets_.summary().ended) {
    // Only a brace can close it.
    const std::string_view piece = bytes.substr(0, std::min(bytes.find('}'), bytes.size() - 1) + 1);
    RETURN_IF_ERROR(brackets_.Feed(piece));
    text_ += piece;
    bytes.remove_prefix(piece.size());
    if (brackets_.summary().ended) return std::string_view(text_);
  }
  return std::string_view();
}

}  // namespace patchbay::upstream
