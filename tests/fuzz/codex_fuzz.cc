// The Codex dialect's decoders, also behind a plan that undoes all there is to undo: no crash for any bytes, the same
// events for any split, and messages that survive the way to another process (protobuf refuses a string that is not
// UTF-8).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "workers/upstream/dialects/codex/dialect.h"
#include "workers/upstream/dialects/translation.h"

namespace {

using patchbay::WallTime;
using patchbay::inference::v1::Failure;
using patchbay::inference::v1::GenerateEvent;
using patchbay::upstream::AnswerPlan;
using patchbay::upstream::DecoderFor;
using patchbay::upstream::GenerateEvents;
using patchbay::upstream::codex::CodexDialect;

const WallTime kNow{std::chrono::seconds(1787390000)};

template <class Message>
std::string Travelled(const Message& message) {
  const std::string bytes = message.SerializeAsString();
  Message arrived;
  if (!arrived.ParseFromString(bytes)) std::abort();
  return bytes;
}

// A plan that finds something to do in most answers.
std::shared_ptr<const AnswerPlan> BusyPlan() {
  AnswerPlan plan;
  plan.tool_names = {{"get_weather", "a.tool"}};
  plan.call_ids = {{"call_1", "c"}};
  plan.stops = {"the", "e w", "\n\n"};
  plan.schema_json = R"({"type":"object","properties":{"a":{"type":"string"}}})";
  plan.unwraps = true;
  return std::make_shared<const AnswerPlan>(std::move(plan));
}

std::string Decode(std::string_view bytes, std::size_t step, std::shared_ptr<const AnswerPlan> plan) {
  const auto decoder = DecoderFor(CodexDialect(), std::move(plan), kNow);
  std::string events_seen;
  bool ok = true;
  while (ok && !bytes.empty()) {
    const std::string piece(bytes.substr(0, step == 0 ? bytes.size() : step));
    bytes.remove_prefix(piece.size());
    GenerateEvents events;
    ok = decoder->Feed(piece, events).ok();
    for (const GenerateEvent& event : events) events_seen += Travelled(event);
  }
  return events_seen + Travelled(decoder->summary().failure) + (ok ? "ok" : "failed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto& plan : {std::shared_ptr<const AnswerPlan>(), BusyPlan()}) {
    if (Decode(bytes, 0, plan) != Decode(bytes, 1 + data[0] % 32, plan)) std::abort();
  }
  const auto observer = CodexDialect().NewObserver(kNow);
  static_cast<void>(observer->Feed(bytes).ok());
  const Failure failure =
      CodexDialect().DecodeError({400 + data[0], {{"x-error-json", std::string(bytes)}}}, bytes, kNow);
  Travelled(failure);
  return 0;
}
