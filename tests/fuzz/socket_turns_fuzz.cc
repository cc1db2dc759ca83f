// What the upstream worker makes of the frames of a provider's WebSocket. A line of the input is a frame, an empty line
// a turn that the client begins; the first byte says whether the socket breaks in the end. A turn ends once, what is
// told of it can travel to another process, and nothing passes a socket that is over.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workers/upstream/call/turn_tracker.h"
#include "workers/upstream/dialects/codex/dialect.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

using upstream::codex::CodexDialect;

const WallTime kNow{std::chrono::seconds(1787390000)};

void Expect(bool truth) {
  if (!truth) std::abort();
}

// Protobuf refuses a string that is not UTF-8.
void ExpectTravels(const upstream::v1::End& end) {
  upstream::v1::End arrived;
  Expect(arrived.ParseFromString(end.SerializeAsString()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const upstream::Dialect& dialect = CodexDialect();
  upstream::TurnTracker tracker(dialect);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view frame = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    const bool in_turn = tracker.in_turn();
    if (frame.empty()) {
      Expect(tracker.Begin(kNow) == !in_turn);
      Expect(tracker.in_turn());
      continue;
    }
    const auto seen = tracker.See(frame, kNow);
    Expect(!seen.end || in_turn);
    Expect(tracker.in_turn() == (in_turn && !seen.end));
    if (seen.end) ExpectTravels(*seen.end);
  }
  if ((data[0] & 1) == 0) return 0;
  const bool in_turn = tracker.in_turn();
  inference::v1::Failure why;
  why.set_message("the socket broke");
  const auto end = tracker.Break(std::move(why));
  Expect(end.has_value() == in_turn && tracker.over());
  if (end) ExpectTravels(*end);
  Expect(!tracker.Begin(kNow) && !tracker.See("{}", kNow).pass);
  return 0;
}
