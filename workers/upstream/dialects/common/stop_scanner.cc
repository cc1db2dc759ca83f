#include "workers/upstream/dialects/common/stop_scanner.h"

#include <algorithm>

namespace patchbay::upstream {

StopScanner::StopScanner(std::vector<std::string> words) : words_(std::move(words)) {
  std::erase(words_, std::string());
}

std::string_view StopScanner::Feed(std::string_view piece) {
  if (stopped_) return {};
  if (words_.empty()) return piece;
  buffer_.erase(0, shown_);
  shown_ = 0;
  buffer_.append(piece);
  std::size_t first_end = std::string::npos;
  for (const std::string& word : words_) {
    const std::size_t at = buffer_.find(word);
    if (at == std::string::npos) continue;
    const std::size_t end = at + word.size();
    if (end > first_end || (end == first_end && word.size() <= matched_.size())) continue;
    first_end = end;
    shown_ = at;
    matched_ = word;
    stopped_ = true;
  }
  if (!stopped_) shown_ = buffer_.size() - HeldBytes();
  return std::string_view(buffer_).substr(0, shown_);
}

std::string_view StopScanner::Flush() {
  if (stopped_ || words_.empty()) return {};
  buffer_.erase(0, shown_);
  shown_ = buffer_.size();
  return buffer_;
}

std::size_t StopScanner::HeldBytes() const {
  std::size_t held = 0;
  for (const std::string& word : words_) {
    for (std::size_t size = std::min(word.size() - 1, buffer_.size()); size > held; --size) {
      if (std::string_view(buffer_).substr(buffer_.size() - size) == std::string_view(word).substr(0, size))
        held = size;
    }
  }
  return held;
}

}  // namespace patchbay::upstream
