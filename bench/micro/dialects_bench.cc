// What translation costs: a request decoded from a client's dialect and encoded into a provider's, and the way of
// each streamed event back, per pair of dialects, beside the byte-transparent route. The targets: at most 2 µs more per
// event (items_per_second ≥ 500k apart from the route's own), 15 µs more per request, 4 ms for a history of 1 MB.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/check.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/sse.h"
#include "workers/frontend/dialects/registry.h"
#include "workers/upstream/dialects/registry.h"
#include "workers/upstream/dialects/translation.h"

namespace patchbay {
namespace {

using frontend::CallRoute;
using frontend::DecodedCall;
using frontend::DialectRequest;
using frontend::GrantTerms;
using upstream::Dialect;

constexpr int kDeltas = 200;
constexpr std::size_t kSocketRead = 1460;
const WallTime kNow{std::chrono::seconds(1787390000)};

// Both answer with the same events.
constexpr const char* kProviders[] = {"codex", "openai_responses"};

struct Subject {
  const char* dialect;
  const char* argument;  // the model, where the path names it
  // A request around its turns, which alternate between the two.
  const char* before;
  const char* user;
  const char* assistant;
  const char* after;
  bool relay = false;  // by the client's bytes
};

constexpr Subject kSubjects[] = {
    {"openai_responses", "", R"({"model":"gpt-5.5","stream":true,"store":false,"instructions":"Help.","input":[)",
     R"({"type":"message","role":"user","content":[{"type":"input_text","text":%}]})",
     R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":%}]})", "]}", true},
    {"openai_responses", "", R"({"model":"gpt-5.5","stream":true,"store":false,"instructions":"Help.","input":[)",
     R"({"type":"message","role":"user","content":[{"type":"input_text","text":%}]})",
     R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":%}]})", "]}"},
    {"openai_chat", "", R"({"model":"gpt-5.5","stream":true,"messages":[)", R"({"role":"user","content":%})",
     R"({"role":"assistant","content":%})", "]}"},
    {"anthropic", "", R"({"model":"gpt-5.5","max_tokens":1000,"stream":true,"messages":[)",
     R"({"role":"user","content":[{"type":"text","text":%}]})",
     R"({"role":"assistant","content":[{"type":"text","text":%}]})", "]}"},
    {"gemini", "gpt-5.5", R"({"contents":[)", R"({"role":"user","parts":[{"text":%}]})",
     R"({"role":"model","parts":[{"text":%}]})", "]}"},
};

// Turns of about 1 kB: prompts and answers are shorter, files and the output of tools longer.
constexpr int kUsual = 12;
// The other extreme, where what a turn costs weighs more than its text.
constexpr int kTiny = 1;

// `sentences` is the length of a turn.
std::string BodyOf(const Subject& subject, std::size_t bytes, int sentences = kUsual) {
  std::string words;
  for (int i = 0; i < sentences; ++i) {
    words += "A sentence with \"quotes\", a line end\nand a few more words to read, as agents send them.";
  }
  std::string text;
  wire::AppendJsonString(text, words);
  std::string body = subject.before;
  bool user = true;
  do {
    if (body.size() > std::string_view(subject.before).size()) body += ',';
    const std::string_view turn = user ? subject.user : subject.assistant;
    const std::size_t hole = turn.find('%');
    body.append(turn.substr(0, hole)).append(text).append(turn.substr(hole + 1));
    user = !user;
  } while (body.size() < bytes || user);  // the last word is the user's
  return body + subject.after;
}

DecodedCall Asked(const Subject& subject, std::string body) {
  DialectRequest request;
  request.body = std::move(body);
  request.argument = subject.argument;
  request.suffix = ":streamGenerateContent";
  request.query = "alt=sse";
  request.now = kNow;
  request.unique = "0123456789";
  static const SystemClock kClock;
  static const frontend::Dialects kDialects(kClock);
  auto decoded = kDialects.Find(subject.dialect)->Decode(std::move(request));
  PATCHBAY_CHECK(decoded.ok());
  return std::move(*decoded);
}

// From the client's bytes to the provider's.
void Request(benchmark::State& state, const Subject& subject, const std::string& provider, std::size_t bytes,
             int sentences = kUsual) {
  const std::shared_ptr<const Dialect> dialect = upstream::MakeDialect(provider, {});
  const std::string body = BodyOf(subject, bytes, sentences);
  for (auto _ : state) {
    const DecodedCall asked = Asked(subject, body);
    const frontend::Payload& payload = asked.call.payload;
    if (subject.relay) {
      GrantTerms terms;
      terms.model = "gpt-5.5";
      terms.provider_dialect = provider;
      const auto relayed = payload.bytes->Relayed(terms);
      PATCHBAY_CHECK(relayed.ok());
      benchmark::DoNotOptimize(relayed->body->data());
      continue;
    }
    auto canonical = payload.canonical;
    if (!canonical) canonical = payload.bytes->Translated()->request;
    auto encoded = upstream::EncodeCall(*dialect, *canonical, "session");
    PATCHBAY_CHECK(encoded.ok());
    benchmark::DoNotOptimize(encoded->body.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

// An answer of the provider's: kDeltas pieces of text between the events around them.
std::string Answer() {
  const std::string item = R"({"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]})";
  std::string answer;
  const auto add = [&](std::string_view type, const std::string& members) {
    wire::AppendSseEvent(answer, type,
                         R"({"type":")" + std::string(type) + R"(","sequence_number":4,)" + members + "}");
  };
  add("response.created", R"("response":{"id":"resp_1","object":"response","status":"in_progress","model":"gpt-5.5"})");
  add("response.output_item.added", R"("output_index":0,"item":)" + item);
  add("response.content_part.added",
      R"("item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]})");
  for (int i = 0; i < kDeltas; ++i) {
    add("response.output_text.delta",
        R"("item_id":"msg_1","output_index":0,"content_index":0,"delta":"some words of it ","logprobs":[])");
  }
  add("response.output_item.done",
      R"("output_index":0,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[]})");
  add("response.completed",
      R"("response":{"id":"resp_1","status":"completed","model":"gpt-5.5","usage":{"input_tokens":9,"output_tokens":9,"total_tokens":18}})");
  return answer;
}

// From the provider's bytes to the client's, in reads of one segment.
void Reply(benchmark::State& state, const Subject& subject, const std::string& provider) {
  const std::shared_ptr<const Dialect> dialect = upstream::MakeDialect(provider, {});
  const DecodedCall asked = Asked(subject, BodyOf(subject, 0));
  const bool raw = subject.relay;
  CallRoute route;
  route.relay = raw;
  route.provider_dialect = provider;
  const std::string answer = Answer();
  std::string out;
  for (auto _ : state) {
    const auto encoder = asked.reply.new_encoder(route);
    const auto decoder = raw ? nullptr : dialect->NewDecoder(kNow);
    const auto observer = raw ? dialect->NewObserver(kNow) : nullptr;
    for (std::size_t at = 0; at < answer.size(); at += kSocketRead) {
      const std::string_view piece = std::string_view(answer).substr(at, kSocketRead);
      out.clear();
      if (raw) {
        PATCHBAY_CHECK(observer->Feed(piece).ok() && encoder->Bytes(piece, out).ok());
        continue;
      }
      upstream::GenerateEvents events;
      PATCHBAY_CHECK(decoder->Feed(piece, events).ok());
      for (const auto& event : events) PATCHBAY_CHECK(encoder->Event(event, out).ok());
    }
    PATCHBAY_CHECK(encoder->End(out).ok());
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kDeltas);
  // Nanoseconds of each streamed event.
  state.counters["per_event"] =
      benchmark::Counter(kDeltas, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void Register(const Subject& subject, const std::string& provider) {
  const std::string name = std::string(subject.dialect) + (subject.relay ? "_relayed" : "") +
                           (provider == kProviders[0] ? "" : "_to_" + provider);
  constexpr std::size_t kMegabyte = std::size_t{1} << 20;
  benchmark::RegisterBenchmark((name + "/request").c_str(),
                               [&, provider](benchmark::State& state) { Request(state, subject, provider, 0); });
  benchmark::RegisterBenchmark((name + "/request_1MB").c_str(), [&, provider](benchmark::State& state) {
    Request(state, subject, provider, kMegabyte);
  })->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark((name + "/request_1MB_of_tiny_turns").c_str(), [&, provider](benchmark::State& state) {
    Request(state, subject, provider, kMegabyte, kTiny);
  })->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark((name + "/reply").c_str(), [&, provider](benchmark::State& state) {
    Reply(state, subject, provider);
  })->Unit(benchmark::kMicrosecond);
}

const bool kRegistered = [] {
  for (const char* provider : kProviders) {
    for (const Subject& subject : kSubjects) Register(subject, provider);
  }
  return true;
}();

}  // namespace
}  // namespace patchbay
