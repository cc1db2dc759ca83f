// Any bytes, cut anywhere: the SSE parser gives the same events as for the uncut bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "lib/wire/sse.h"

namespace {

using patchbay::wire::SseEvent;
using patchbay::wire::SseParser;

struct Reading {
  std::vector<std::pair<std::string, std::string>> events;
  bool failed = false;
  bool cut = false;
  bool operator==(const Reading&) const = default;
};

constexpr std::size_t kMaxEventBytes = 512;

// `step` 0 means all at once; otherwise pieces of 1 to `step` bytes.
Reading Read(std::string_view bytes, std::size_t step) {
  Reading reading;
  SseParser parser(kMaxEventBytes);
  std::size_t round = 0;
  do {
    const std::size_t size = step == 0 ? bytes.size() : 1 + round++ % step;
    const std::string piece(bytes.substr(0, size));  // its own allocation: stale views are caught
    bytes.remove_prefix(piece.size());
    const auto fed =
        parser.Feed(piece, [&](const SseEvent& event) { reading.events.emplace_back(event.event, event.data); });
    reading.failed = reading.failed || !fed.ok();
  } while (!bytes.empty() && !reading.failed);
  reading.cut = !reading.failed && parser.Finish();
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (Read(bytes, 0) != Read(bytes, 1 + data[0] % 16)) std::abort();
  return 0;
}
