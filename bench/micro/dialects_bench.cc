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
#include "workers/frontend/call/attempt_reply.h"
#include "workers/frontend/dialects/registry.h"
#include "workers/upstream/dialects/registry.h"
#include "workers/upstream/dialects/translation.h"

namespace patchbay {
namespace {

using frontend::AttemptReply;
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
  // A request up to its turns, which alternate between the two.
  const char* before;
  const char* user;
  const char* assistant;
  const char* tool;    // its name for #, its schema for %
  bool relay = false;  // by the client's bytes
};

constexpr const char* kResponsesTool =
    R"({"type":"function","name":"#","description":"Reads or writes a file.","parameters":%})";

constexpr Subject kSubjects[] = {
    {"openai_responses", "", R"({"model":"gpt-5.5","stream":true,"store":false,"instructions":"Help.","input":[)",
     R"({"type":"message","role":"user","content":[{"type":"input_text","text":%}]})",
     R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":%}]})", kResponsesTool, true},
    {"openai_responses", "", R"({"model":"gpt-5.5","stream":true,"store":false,"instructions":"Help.","input":[)",
     R"({"type":"message","role":"user","content":[{"type":"input_text","text":%}]})",
     R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":%}]})", kResponsesTool},
    {"openai_chat", "", R"({"model":"gpt-5.5","stream":true,"messages":[)", R"({"role":"user","content":%})",
     R"({"role":"assistant","content":%})",
     R"({"type":"function","function":{"name":"#","description":"Reads or writes a file.","parameters":%}})"},
    {"anthropic", "", R"({"model":"gpt-5.5","max_tokens":1000,"stream":true,"messages":[)",
     R"({"role":"user","content":[{"type":"text","text":%}]})",
     R"({"role":"assistant","content":[{"type":"text","text":%}]})",
     R"({"name":"#","description":"Reads or writes a file.","input_schema":%})"},
    {"gemini", "gpt-5.5", R"({"contents":[)", R"({"role":"user","parts":[{"text":%}]})",
     R"({"role":"model","parts":[{"text":%}]})",
     R"({"functionDeclarations":[{"name":"#","description":"Reads or writes a file.","parametersJsonSchema":%}]})"},
};

// Turns of about 1 kB: prompts and answers are shorter, files and the output of tools longer.
constexpr int kUsual = 12;
// The other extreme, where what a turn costs weighs more than its text.
constexpr int kTiny = 1;

// A schema as those of an agent's tools are.
constexpr const char* kSchema =
    R"({"type":"object","properties":{"path":{"type":"string","description":"The absolute path of the file."},)"
    R"("edits":{"type":"array","items":{"type":"object","properties":{"old":{"type":"string","minLength":1},)"
    R"("new":{"type":"string"},"all":{"type":"boolean","default":false}},"required":["old","new"]}},)"
    R"("mode":{"type":"string","enum":["read","write","append"]},"lines":{"type":"integer","minimum":1}},)"
    R"("required":["path"],"additionalProperties":false})";
constexpr int kTools = 24;

std::string ToolsOf(const Subject& subject) {
  std::string tools;
  for (int i = 0; i < kTools; ++i) {
    std::string tool = subject.tool;
    tool.replace(tool.find('#'), 1, "tool_" + std::to_string(i));
    tool.replace(tool.find('%'), 1, kSchema);
    tools.append(tools.empty() ? "" : ",").append(tool);
  }
  return tools;
}

// `sentences` is the length of a turn.
std::string BodyOf(const Subject& subject, std::size_t bytes, int sentences = kUsual, bool with_tools = false) {
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
  if (with_tools) body.append(R"(],"tools":[)").append(ToolsOf(subject));
  return body.append("]}");
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
void Request(benchmark::State& state, const Subject& subject, const std::string& provider, const std::string& body) {
  const std::shared_ptr<const Dialect> dialect = upstream::MakeDialect(provider, {});
  for (auto _ : state) {
    DecodedCall asked = Asked(subject, body);
    frontend::Payload& payload = asked.call.payload;
    if (subject.relay) {
      GrantTerms terms;
      terms.model = "gpt-5.5";
      terms.provider_dialect = provider;
      const auto relayed = payload.bytes->Relayed(terms);
      PATCHBAY_CHECK(relayed.ok());
      benchmark::DoNotOptimize(relayed->body->data());
      continue;
    }
    if (!payload.canonical) payload.canonical = std::move(payload.bytes->Translated()->request);
    auto encoded = upstream::EncodeCall(*dialect, *payload.canonical, "session");
    PATCHBAY_CHECK(encoded.ok());
    benchmark::DoNotOptimize(encoded->body.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

// Between the two processes: the canonical form of a conversation, written and read.
void HandOver(benchmark::State& state, std::size_t bytes, int sentences = kUsual) {
  const Subject& subject = kSubjects[2];
  const DecodedCall asked = Asked(subject, BodyOf(subject, bytes, sentences));
  std::string message;
  for (auto _ : state) {
    inference::v1::GenerateRequest read;
    PATCHBAY_CHECK(asked.call.payload.canonical->SerializeToString(&message) && read.ParseFromString(message));
    benchmark::DoNotOptimize(read.items().data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
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
    AttemptReply encoder(asked.reply, route);
    const auto decoder = raw ? nullptr : dialect->NewDecoder(kNow);
    const auto observer = raw ? dialect->NewObserver(kNow) : nullptr;
    for (std::size_t at = 0; at < answer.size(); at += kSocketRead) {
      const std::string_view piece = std::string_view(answer).substr(at, kSocketRead);
      out.clear();
      if (raw) {
        PATCHBAY_CHECK(observer->Feed(piece).ok() && encoder.Bytes(piece, out).ok());
        continue;
      }
      upstream::GenerateEvents events;
      PATCHBAY_CHECK(decoder->Feed(piece, events).ok());
      for (const auto& event : events) PATCHBAY_CHECK(encoder.Event(event, out).ok());
    }
    PATCHBAY_CHECK(encoder->End(out).ok());
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kDeltas);
  // Nanoseconds of each streamed event.
  state.counters["per_event"] =
      benchmark::Counter(kDeltas, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

void Register(const Subject& subject, const std::string& provider) {
  const std::string name = std::string(subject.dialect) + (subject.relay ? "_relayed" : "") +
                           (provider == kProviders[0] ? "" : "_to_" + provider);
  const auto request = [&](const char* row, std::string body, benchmark::TimeUnit unit) {
    const auto run = [&subject, provider, body = std::move(body)](benchmark::State& state) {
      Request(state, subject, provider, body);
    };
    benchmark::RegisterBenchmark((name + row).c_str(), run)->Unit(unit);
  };
  request("/request", BodyOf(subject, 0), benchmark::kNanosecond);
  request("/request_with_tools", BodyOf(subject, 0, kUsual, true), benchmark::kMicrosecond);
  request("/request_1MB", BodyOf(subject, kMegabyte), benchmark::kMillisecond);
  request("/request_1MB_of_tiny_turns", BodyOf(subject, kMegabyte, kTiny), benchmark::kMillisecond);
  benchmark::RegisterBenchmark((name + "/reply").c_str(), [&subject, provider](benchmark::State& state) {
    Reply(state, subject, provider);
  })->Unit(benchmark::kMicrosecond);
}

const bool kRegistered = [] {
  benchmark::RegisterBenchmark("hand_over", [](benchmark::State& state) { HandOver(state, 0); });
  benchmark::RegisterBenchmark("hand_over_1MB", [](benchmark::State& state) {
    HandOver(state, kMegabyte);
  })->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("hand_over_1MB_of_tiny_turns", [](benchmark::State& state) {
    HandOver(state, kMegabyte, kTiny);
  })->Unit(benchmark::kMillisecond);
  for (const char* provider : kProviders) {
    for (const Subject& subject : kSubjects) Register(subject, provider);
  }
  return true;
}();

}  // namespace
}  // namespace patchbay
