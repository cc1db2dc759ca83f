#include "workers/upstream/dialects/common/unfinished_event.h"

#include <cstring>

namespace patchbay::upstream {
namespace {

// The value of "name: value" or nothing.
bool TakeField(std::string_view name, std::string_view& line) {
  if (!line.starts_with(name)) return false;
  line.remove_prefix(name.size());
  if (line.starts_with(' ')) line.remove_prefix(1);
  return true;
}

}  // namespace

void UnfinishedEvent::Feed(std::string_view piece) {
  if (piece.empty()) return;
  std::size_t begin = std::string_view::npos;  // of what follows the last empty line in `piece`
  for (std::size_t end = piece.size(); begin == std::string_view::npos && end > 0;) {
    const void* found = ::memrchr(piece.data(), '\n', end);
    if (found == nullptr) break;
    const auto lf = static_cast<std::size_t>(static_cast<const char*>(found) - piece.data());
    const std::size_t text_end = lf > 0 && piece[lf - 1] == '\r' ? lf - 1 : lf;
    const bool empty = text_end > 0 ? piece[text_end - 1] == '\n' : !line_began_;
    if (empty) begin = lf + 1;
    end = lf;
  }
  // A CR at the end of a piece is half of a line end and begins no line.
  std::string_view text = piece;
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (!text.empty()) line_began_ = text.back() != '\n';
  if (begin != std::string_view::npos) {
    piece.remove_prefix(begin);
    beginning_.clear();
    bytes_ = 0;
  }
  bytes_ += piece.size();
  if (beginning_.size() < kBeginningBytes) beginning_.append(piece.substr(0, kBeginningBytes - beginning_.size()));
}

UnfinishedEvent::Type UnfinishedEvent::ReadType(std::string_view& name) const {
  constexpr std::string_view kMember = R"({"type":")";
  for (std::string_view rest = beginning_; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const bool whole = end != std::string_view::npos;
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(whole ? end + 1 : rest.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(':') || line.empty()) continue;
    if (TakeField("event:", line)) {
      name = line;
      return whole ? Type::kKnown : Type::kUnknown;
    }
    if (!TakeField("data:", line) || !line.starts_with(kMember)) return Type::kUnknown;
    line.remove_prefix(kMember.size());
    const std::size_t quote = line.find('"');
    name = line.substr(0, quote);
    return quote == std::string_view::npos ? Type::kUnknown : Type::kKnown;
  }
  return Type::kNone;
}

}  // namespace patchbay::upstream
