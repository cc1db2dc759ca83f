// What a provider's dialect alone costs, without a client's: a canonical request into its body, its stream into
// canonical events, and the same stream only watched on the byte-transparent route. The bars are those of
// dialects_bench.cc.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/check.h"
#include "lib/wire/sse.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"

namespace patchbay {
namespace {

using upstream::Dialect;

constexpr int kChunks = 200;
constexpr std::size_t kSegment = 1460;
const WallTime kAnswered{std::chrono::seconds(1787390000)};

inference::v1::GenerateRequest Conversation(std::size_t bytes) {
  inference::v1::GenerateRequest request;
  request.set_model("m-1");
  request.set_instructions("Help.");
  request.mutable_sampling()->set_temperature(0.5);
  const std::string words(1000, 'w');
  std::size_t size = 0;
  for (bool user = true; size < bytes || !user; user = !user) {
    auto& message = *request.add_items()->mutable_message();
    message.set_role(user ? inference::v1::ROLE_USER : inference::v1::ROLE_ASSISTANT);
    message.add_parts()->set_text("A sentence with \"quotes\", a line end\n" + words);
    size += words.size();
  }
  return request;
}

void Encode(benchmark::State& state, const Dialect& dialect, std::size_t bytes) {
  const auto request = Conversation(bytes);
  std::int64_t written = 0;
  for (auto _ : state) {
    auto encoded = dialect.EncodeRequest(request, "session");
    PATCHBAY_CHECK(encoded.ok());
    written += static_cast<std::int64_t>(encoded->body.size());
  }
  state.SetBytesProcessed(written);
}

std::string ChatAnswer() {
  std::string answer;
  const auto add = [&](const std::string& delta, const std::string& finish) {
    wire::AppendSseData(answer,
                        R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1787390000,"model":"m-1",)"
                        R"("service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":)" +
                            delta + R"(,"logprobs":null,"finish_reason":)" + finish + R"(}],"usage":null})");
  };
  add(R"({"role":"assistant","content":""})", "null");
  for (int i = 0; i < kChunks; ++i) add(R"({"content":"some words of it "})", "null");
  add("{}", R"("stop")");
  wire::AppendSseData(answer, R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":9}})");
  wire::AppendSseData(answer, "[DONE]");
  return answer;
}

// `pass` is called with each read of one segment.
template <class MakePass>
void Answer(benchmark::State& state, const std::string& answer, MakePass make_pass) {
  for (auto _ : state) {
    auto pass = make_pass();
    for (std::size_t at = 0; at < answer.size(); at += kSegment) pass(std::string_view(answer).substr(at, kSegment));
  }
  state.SetItemsProcessed(state.iterations() * kChunks);
  state.counters["per_event"] =
      benchmark::Counter(kChunks, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void Decode(benchmark::State& state, const Dialect& dialect, const std::string& answer) {
  Answer(state, answer, [&] {
    return [decoder = dialect.NewDecoder(kAnswered)](std::string_view piece) {
      upstream::GenerateEvents events;
      PATCHBAY_CHECK(decoder->Feed(piece, events).ok());
    };
  });
}

void Observe(benchmark::State& state, const Dialect& dialect, const std::string& answer) {
  Answer(state, answer, [&] {
    return [observer = dialect.NewObserver(kAnswered)](std::string_view piece) {
      PATCHBAY_CHECK(observer->Feed(piece).ok());
    };
  });
}

void RegisterProvider(const std::string& name, const Dialect& dialect, const std::string& answer) {
  benchmark::RegisterBenchmark((name + "/encode").c_str(),
                               [&dialect](benchmark::State& state) { Encode(state, dialect, 0); });
  benchmark::RegisterBenchmark((name + "/encode_1MB").c_str(), [&dialect](benchmark::State& state) {
    Encode(state, dialect, std::size_t{1} << 20);
  })->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark((name + "/decode").c_str(), [&dialect, answer](benchmark::State& state) {
    Decode(state, dialect, answer);
  })->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark((name + "/observe").c_str(), [&dialect, answer](benchmark::State& state) {
    Observe(state, dialect, answer);
  })->Unit(benchmark::kMicrosecond);
}

const bool kProvidersRegistered = [] {
  static const auto kChat = upstream::openai_chat::MakeDialect({});
  RegisterProvider("provider_chat", *kChat, ChatAnswer());
  return true;
}();

}  // namespace
}  // namespace patchbay
