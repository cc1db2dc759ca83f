// Server-sent events (WHATWG HTML §9.2): an incremental parser that gives the same events however
// the bytes were split, and the few helpers that write them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::wire {

struct SseEvent {
  std::string_view event;  // empty when the event named none (the standard then says "message")
  std::string_view data;   // several `data:` lines are joined by '\n'
};

// Bytes in, events out. Accepts LF, CRLF and CR, a leading byte order mark and comments; `id` and
// `retry` are ignored, for nobody here reconnects a stream. An event without a data line is dropped,
// as the standard says. After an error the parser stays in error.
//
// An event that lies whole in one piece of input is handed out as views into that piece, uncopied.
class SseParser {
 public:
  // Bounds the lines of one event, and so what the parser ever buffers.
  static constexpr std::size_t kMaxEventBytes = std::size_t{64} << 20;

  explicit SseParser(std::size_t max_event_bytes = kMaxEventBytes) : max_event_bytes_(max_event_bytes) {}

  // Calls on_event(SseEvent) for each event that `bytes` completes; its views die when the call ends.
  // kTooLarge when one event is over the bound; the events before it have been handed out.
  template <class OnEvent>
  Result<void> Feed(std::string_view bytes, OnEvent&& on_event) {
    SseEvent event;
    BeginFeed(bytes);
    while (true) {
      switch (Step(event)) {
        case Progress::kEvent: on_event(static_cast<const SseEvent&>(event)); break;
        case Progress::kNeedMore: return {};
        case Progress::kTooLarge: return TooLarge();
      }
    }
  }

  // At the end of the stream: whether bytes of an unfinished event were left, that is, whether the
  // stream was cut. A comment without its line end does not count.
  bool Finish() const { return has_data_ || !event_.empty() || (!carry_.empty() && carry_.front() != ':'); }

 private:
  enum class Progress { kEvent, kNeedMore, kTooLarge };

  void BeginFeed(std::string_view bytes);
  Progress Step(SseEvent& event);
  bool TakeLine(std::string_view& line);
  void TakeField(std::string_view line);
  void Own();
  Error TooLarge() const;

  const std::size_t max_event_bytes_;
  std::string_view rest_;    // what of the current piece is not yet consumed
  std::size_t next_lf_ = 0;  // position in rest_ of the next LF, or its size; spares re-scanning CR streams
  std::string carry_;        // a line whose end has not arrived; during a feed also the first line's storage
  bool carry_done_ = false;  // carry_ holds a finished line that views may still point into
  bool skip_lf_ = false;     // the last line ended with CR, so an LF that follows belongs to it
  bool at_start_ = true;     // a byte order mark may still come
  bool failed_ = false;
  std::size_t event_bytes_ = 0;
  bool emitted_ = false;  // the event was handed out and is to be forgotten
  bool has_data_ = false;
  std::string_view event_, data_;  // of the event being read
  std::string event_storage_, data_storage_;
};

// "data: …\n\n"; a line end inside `data` begins another data line.
void AppendSseData(std::string& out, std::string_view data);
// "event: …\ndata: …\n\n". `event` must not contain line ends.
void AppendSseEvent(std::string& out, std::string_view event, std::string_view data);

// Writes U+0085, U+2028 and U+2029 as JSON escapes, from `from` on. They end no line of a stream, but the readers of
// some clients take them for line ends (real-clients §7.6, and what Python calls lines). In JSON they can stand only
// inside strings, so events whose data is JSON mean the same afterwards.
void EscapeLineSeparators(std::string& events, std::size_t from);

// A comment that keeps silent connections alive and that every client ignores. No empty line follows: it would dispatch
// an event without data, which some clients' readers try to parse (openai-python, openai-go). It stands between events.
inline constexpr std::string_view kSseHeartbeat = ": keepalive\n";

}  // namespace patchbay::wire
