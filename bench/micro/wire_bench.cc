// What one streamed event and one large body cost in lib/wire, alone and without a socket.
#include <benchmark/benchmark.h>

#include <string>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/sse.h"
#include "lib/wire/utf8.h"

namespace patchbay::wire {
namespace {

constexpr int kEventsInBurst = 40;
constexpr std::string_view kEventData =
    R"({"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0a1","output_index":0,"content_index":0,)"
    R"("delta":"some words of it","logprobs":[]})";

std::string Burst() {
  std::string burst;
  for (int i = 0; i < kEventsInBurst; ++i) AppendSseEvent(burst, "response.output_text.delta", kEventData);
  return burst;
}

// A request body of about `bytes`: many small messages, as agents send them.
std::string Body(std::size_t bytes) {
  std::string body = R"({"model":"gpt-5.5","messages":[)";
  while (body.size() < bytes) {
    if (body.back() == '}') body += ',';
    body += R"({"role":"user","content":"A sentence with \"quotes\", a line end\nand a few more words to read."})";
  }
  return body + "]}";
}

void SseParseBurst(benchmark::State& state) {
  const std::string burst = Burst();
  const auto piece = static_cast<std::size_t>(state.range(0));
  std::size_t seen = 0;
  for (auto _ : state) {
    SseParser parser;
    for (std::size_t at = 0; at < burst.size(); at += piece) {
      auto fed = parser.Feed(std::string_view(burst).substr(at, piece),
                             [&](const SseEvent& event) { seen += event.data.size(); });
      benchmark::DoNotOptimize(fed);
    }
  }
  benchmark::DoNotOptimize(seen);
  state.SetItemsProcessed(state.iterations() * kEventsInBurst);
}
BENCHMARK(SseParseBurst)->Arg(16)->Arg(1460)->Arg(65536);

void SseWriteEvent(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendSseData(out, kEventData);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(SseWriteEvent);

void JsonStringEscape(benchmark::State& state) {
  const std::string text = "plain words, \"quotes\", a line end\n and \xc3\xbcmlauts";
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendJsonString(out, text);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(JsonStringEscape);

void JsonValidateBody(benchmark::State& state) {
  std::string body = Body(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto valid = ValidateJson(body);
    benchmark::DoNotOptimize(valid);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(JsonValidateBody)->Arg(1 << 10)->Arg(1 << 20);

void JsonSpliceModel(benchmark::State& state) {
  const std::string body = Body(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto spliced = SpliceTopLevel(body, "model", R"("gpt-5.4")");
    benchmark::DoNotOptimize(spliced);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(JsonSpliceModel)->Arg(1 << 10)->Arg(1 << 20);

}  // namespace
}  // namespace patchbay::wire
