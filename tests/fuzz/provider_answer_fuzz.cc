// The decoders of one provider dialect, also behind a plan that undoes all there is to undo: no crash for any bytes,
// the same events for any split, and messages that survive the way to another process (protobuf refuses a string that
// is not UTF-8). PATCHBAY_DIALECT is its name; the last byte says how the others are split.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "workers/upstream/dialects/registry.h"
#include "workers/upstream/dialects/translation.h"

namespace {

using patchbay::WallTime;
using patchbay::inference::v1::Failure;
using patchbay::inference::v1::GenerateEvent;
using patchbay::upstream::AnswerPlan;
using patchbay::upstream::DecoderFor;
using patchbay::upstream::Dialect;
using patchbay::upstream::GenerateEvents;

const WallTime kNow{std::chrono::seconds(1787390000)};

const Dialect& Subject() {
  static const std::shared_ptr<const Dialect> dialect = patchbay::upstream::MakeDialect(PATCHBAY_DIALECT, {});
  return *dialect;
}

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

// And one for what grows: calls of tools that are no functions, an answer that goes on with another.
std::shared_ptr<const AnswerPlan> GrowingPlan() {
  AnswerPlan plan;
  plan.tool_names = {{"f", "free"}};
  plan.free_text_tools = {"free", "get_weather", "lookup"};
  plan.namespaced = {{"get_weather", {"weather", "get"}}, {"search", {"web", "search"}}};
  plan.begun = "He";
  return std::make_shared<const AnswerPlan>(std::move(plan));
}

std::string Decode(std::string_view bytes, std::size_t step, std::shared_ptr<const AnswerPlan> plan) {
  const auto decoder = DecoderFor(Subject(), std::move(plan), kNow);
  std::string events_seen;
  bool ok = true;
  while (ok && !bytes.empty()) {
    const std::string piece(bytes.substr(0, step == 0 ? bytes.size() : step));
    bytes.remove_prefix(piece.size());
    GenerateEvents events;
    ok = decoder->Feed(piece, events).ok();
    for (const GenerateEvent& event : events) events_seen += Travelled(event);
  }
  GenerateEvents last;
  if (ok && !decoder->summary().ended) ok = decoder->End(last).ok();
  for (const GenerateEvent& event : last) events_seen += Travelled(event);
  return events_seen + Travelled(decoder->summary().failure) + (ok ? "ok" : "failed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size - 1);
  const std::uint8_t last = data[size - 1];
  for (const auto& plan : {std::shared_ptr<const AnswerPlan>(), BusyPlan(), GrowingPlan()}) {
    if (Decode(bytes, 0, plan) != Decode(bytes, 1 + last % 32, plan)) std::abort();
  }
  const auto observer = Subject().NewObserver(kNow);
  static_cast<void>(observer->Feed(bytes).ok() && observer->End().ok());
  const Failure failure = Subject().DecodeError({400 + last, {{"x-error-json", std::string(bytes)}}}, bytes, kNow);
  Travelled(failure);
  return 0;
}
