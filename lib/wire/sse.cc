#include "lib/wire/sse.h"

#include <algorithm>

namespace patchbay::wire {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool PointsInto(std::string_view view, const std::string& storage) {
  return view.data() >= storage.data() && view.data() <= storage.data() + storage.size();
}

}  // namespace

void SseParser::BeginFeed(std::string_view bytes) {
  rest_ = bytes;
  next_lf_ = std::min(rest_.find('\n'), rest_.size());
}

SseParser::Progress SseParser::Step(SseEvent& event) {
  if (emitted_) {
    emitted_ = has_data_ = false;
    event_ = data_ = {};
    event_bytes_ = 0;
  }
  std::string_view line;
  while (!failed_ && TakeLine(line)) {
    if (at_start_) {
      at_start_ = false;
      if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    }
    if (line.empty()) {
      if (has_data_) {
        event = {.event = event_, .data = data_};
        emitted_ = true;
        return Progress::kEvent;
      }
      event_ = {};
      event_bytes_ = 0;
      continue;
    }
    if (line.front() == ':') continue;
    event_bytes_ += line.size();
    failed_ = event_bytes_ > max_event_bytes_;
    if (!failed_) TakeField(line);
  }
  if (!failed_ && !carry_.starts_with(':')) failed_ = event_bytes_ + carry_.size() > max_event_bytes_;
  if (failed_) return Progress::kTooLarge;
  return Progress::kNeedMore;
}

// Gives the next whole line without its end. Without one it keeps what there is for the next feed.
bool SseParser::TakeLine(std::string_view& line) {
  if (skip_lf_ && !rest_.empty()) {
    skip_lf_ = false;
    if (rest_.front() == '\n') {
      rest_.remove_prefix(1);
      next_lf_ = std::min(rest_.find('\n'), rest_.size());
    }
  }
  const std::size_t cr = std::min(rest_.substr(0, next_lf_).find('\r'), next_lf_);
  if (cr == rest_.size()) {
    Own();
    if (carry_done_) carry_.clear();
    carry_done_ = false;
    carry_.append(rest_);
    if (at_start_ && carry_.size() >= kByteOrderMark.size()) {
      at_start_ = false;
      if (carry_.starts_with(kByteOrderMark)) carry_.erase(0, kByteOrderMark.size());
    }
    if (carry_.starts_with(':')) carry_.resize(1);  // of a comment, that it is one is all that matters
    rest_ = {};
    next_lf_ = 0;
    return false;
  }
  const std::string_view head = rest_.substr(0, cr);
  skip_lf_ = rest_[cr] == '\r';
  rest_.remove_prefix(cr + 1);
  if (cr == next_lf_) {
    next_lf_ = std::min(rest_.find('\n'), rest_.size());
  } else {
    next_lf_ -= cr + 1;
  }
  // Only the first line of a feed can have begun in an earlier one, so views into carry_ stay good
  // until the feed ends.
  if (carry_done_ || carry_.empty()) {
    line = head;
  } else {
    carry_.append(head);
    carry_done_ = true;
    line = carry_;
  }
  return true;
}

void SseParser::TakeField(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (!has_data_) {
      data_ = value;
      has_data_ = true;
      return;
    }
    if (data_.empty() || !PointsInto(data_, data_storage_)) data_storage_.assign(data_);
    data_storage_.append(1, '\n').append(value);
    data_ = data_storage_;
  } else if (name == "event") {
    event_ = value;
  }
}

// The piece of input is about to go away: what is still needed of it becomes ours.
void SseParser::Own() {
  if (!event_.empty() && !PointsInto(event_, event_storage_)) {
    event_storage_.assign(event_);
    event_ = event_storage_;
  }
  if (!data_.empty() && !PointsInto(data_, data_storage_)) {
    data_storage_.assign(data_);
    data_ = data_storage_;
  }
}

Error SseParser::TooLarge() const {
  return Error(ErrorCode::kTooLarge,
               "a server-sent event is larger than " + std::to_string(max_event_bytes_) + " bytes");
}

void EscapeLineSeparators(std::string& events, std::size_t from) {
  struct Separator {
    std::string_view bytes, escape;
  };
  static constexpr Separator kSeparators[] = {
      {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}, {"\xC2\x85", "\\u0085"}};
  for (const char lead : {'\xE2', '\xC2'}) {
    for (std::size_t at = events.find(lead, from); at != std::string::npos; at = events.find(lead, at + 1)) {
      for (const Separator& separator : kSeparators) {
        if (std::string_view(events).substr(at).starts_with(separator.bytes)) {
          events.replace(at, separator.bytes.size(), separator.escape);
        }
      }
    }
  }
}

void AppendSseData(std::string& out, std::string_view data) {
  // Nearly always one line, and a search for one character costs a fraction of one for either.
  const bool has_cr = data.find('\r') != std::string_view::npos;
  while (true) {
    const std::size_t end = has_cr ? data.find_first_of("\r\n") : data.find('\n');
    out.append("data: ").append(data.substr(0, end)).push_back('\n');
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  out.push_back('\n');
}

void AppendSseEvent(std::string& out, std::string_view event, std::string_view data) {
  out.append("event: ").append(event).push_back('\n');
  AppendSseData(out, data);
}

}  // namespace patchbay::wire
