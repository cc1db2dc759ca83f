#include "workers/upstream/dialects/openai_chat/think_splitter.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"

namespace patchbay::upstream::openai_chat {
namespace {

constexpr std::string_view kOpenTag = "<think>";
constexpr std::string_view kCloseTag = "</think>";

// How many of the last bytes may be the beginning of the tag.
std::size_t PartialTag(std::string_view text, std::string_view tag) {
  for (std::size_t size = std::min(text.size(), tag.size() - 1); size > 0; --size) {
    if (text.ends_with(tag.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

ThinkSplitter::Pieces ThinkSplitter::Feed(std::string_view piece) {
  Pieces pieces;
  held_ += piece;
  if (phase_ == Phase::kStart) {
    const std::string_view begun = TrimStart(held_);
    if (begun.starts_with(kOpenTag)) {
      held_.erase(0, held_.size() - begun.size() + kOpenTag.size());
      phase_ = Phase::kThinking;
    } else if (!kOpenTag.starts_with(begun)) {
      phase_ = Phase::kText;
    }
  }
  if (phase_ == Phase::kThinking) {
    const std::size_t end = held_.find(kCloseTag);
    const std::size_t certain = end != std::string::npos ? end : held_.size() - PartialTag(held_, kCloseTag);
    pieces.reasoning = held_.substr(0, certain);
    held_.erase(0, end != std::string::npos ? end + kCloseTag.size() : certain);
    if (end != std::string::npos) phase_ = Phase::kAfter;
  }
  // The blank lines between the two belong to neither.
  if (phase_ == Phase::kAfter) {
    held_.erase(0, held_.size() - TrimStart(held_).size());
    if (!held_.empty()) phase_ = Phase::kText;
  }
  if (phase_ == Phase::kText) pieces.text = std::exchange(held_, {});
  return pieces;
}

ThinkSplitter::Pieces ThinkSplitter::Finish() {
  Pieces pieces;
  (phase_ == Phase::kThinking ? pieces.reasoning : pieces.text) = std::exchange(held_, {});
  return pieces;
}

}  // namespace patchbay::upstream::openai_chat
