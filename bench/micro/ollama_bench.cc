// What the Ollama bridge does to a chat: the client's request decoded, and the gateway's events made lines. The target:
// at most 2 µs per event.
#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <vector>

#include "lib/base/check.h"
#include "workers/ollama/dialect/answer_encoder.h"
#include "workers/ollama/dialect/chat_request.h"

namespace patchbay::ollama {
namespace {

constexpr int kDeltas = 200;
constexpr WallNanos kBegin{std::chrono::seconds(1787390000)};
constexpr std::chrono::microseconds kBetween{20'137};

constexpr const char* kChat =
    R"({"model":"gpt-5.5:latest","messages":[{"role":"system","content":"Help."},)"
    R"({"role":"user","content":"What is the weather like in the mountains today?"}],"options":{"temperature":0.5}})";

std::vector<inference::v1::GenerateEvent> Events() {
  std::vector<inference::v1::GenerateEvent> events(1);
  events.front().mutable_started();
  for (int i = 0; i < kDeltas; ++i) events.emplace_back().mutable_text_delta()->set_text("some words of it ");
  events.emplace_back().mutable_finished()->set_reason(inference::v1::FINISH_REASON_STOP);
  return events;
}

void OllamaRequest(benchmark::State& state) {
  const std::string body = kChat;
  for (auto _ : state) {
    auto asked = DecodeChat(body);
    PATCHBAY_CHECK(asked.ok());
    benchmark::DoNotOptimize(asked);
  }
}

void OllamaReply(benchmark::State& state) {
  const auto asked = DecodeChat(kChat);
  PATCHBAY_CHECK(asked.ok());
  const auto events = Events();
  std::string out;
  for (auto _ : state) {
    AnswerEncoder encoder(Endpoint::kChat, *asked);
    WallNanos now = kBegin;
    for (const auto& event : events) {
      out.clear();
      PATCHBAY_CHECK(encoder.Encode(event, now += kBetween, out).ok());
      benchmark::DoNotOptimize(out.data());
    }
    encoder.Finish({}, now, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kDeltas);
  state.counters["per_event"] =
      benchmark::Counter(kDeltas, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(OllamaRequest)->Name("ollama/request");
BENCHMARK(OllamaReply)->Name("ollama/reply")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace patchbay::ollama
