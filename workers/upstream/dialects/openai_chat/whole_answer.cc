#include "workers/upstream/dialects/openai_chat/whole_answer.h"

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::upstream::openai_chat {

bool AnswerForm::IsStream(std::string_view& bytes) {
  if (known_) return stream_;
  bytes = TrimStart(bytes, "\r\n");
  if (bytes.empty()) return true;
  known_ = true;
  stream_ = bytes.front() != '{';
  return stream_;
}

Result<void> WholeAnswer::Feed(std::string_view bytes, ChunkDecoder& decoder, GenerateEvents& events) {
  while (!bytes.empty() && !brackets_.summary().ended) {
    // Only a brace can close it.
    const std::string_view piece = bytes.substr(0, std::min(bytes.find('}'), bytes.size() - 1) + 1);
    RETURN_IF_ERROR(brackets_.Feed(piece));
    text_ += piece;
    bytes.remove_prefix(piece.size());
    if (brackets_.summary().ended) return decoder.DecodeDocument(text_, events);
  }
  return {};
}

}  // namespace patchbay::upstream::openai_chat
