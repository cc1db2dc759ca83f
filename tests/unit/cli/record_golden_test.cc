// What `patchbay record` writes is good for a golden case: redacted, a request is understood as before, and an answer
// still ends as it did.
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "cli/redact.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/registry.h"

namespace patchbay::cli {
namespace {

using frontend::DecodedCall;
using Path = std::filesystem::path;

struct Endpoint {
  const char* folder;
  const char* dialect;
  const char* smallest;  // for cases that are answers only
};
constexpr Endpoint kEndpoints[] = {
    {"openai_chat", "openai_chat", R"({"model":"m","messages":[{"role":"user","content":"x"}]})"},
    {"openai_completions", "openai_completions", R"({"model":"m","prompt":"x"})"},
    {"openai_images", "openai_images_generations", R"({"prompt":"x"})"},
    {"openai_responses", "openai_responses", R"({"model":"m","input":"x"})"},
    {"anthropic", "anthropic", R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})"},
    {"gemini", "gemini", R"({"contents":[{"parts":[{"text":"x"}]}]})"},
};

Result<DecodedCall> Decode(const char* dialect, std::string body) {
  frontend::DialectRequest request;
  request.body = std::move(body);
  request.argument = "m";
  request.suffix = ":generateContent";
  request.unique = "u";
  static const SystemClock kClock;
  static const frontend::Dialects kDialects(kClock);
  return kDialects.Find(dialect)->Decode(std::move(request));
}

// What the request is, apart from its words.
std::string Shape(const Result<DecodedCall>& decoded) {
  if (!decoded.ok()) return "error at " + decoded.error().where;
  std::string shape = decoded->reply.stream ? "stream" : "whole";
  shape += frontend::Listed("ignored", decoded->reply.ignored) + frontend::Listed("repaired", decoded->reply.repaired);
  const frontend::Payload& payload = decoded->call.payload;
  std::optional<inference::v1::GenerateRequest> request = payload.canonical;
  if (!request) {
    auto translated = payload.bytes->Translated();
    if (!translated.ok()) return shape + " error at " + translated.error().where;
    request = std::move(translated->request);
  }
  std::string settings;
  inference::v1::GenerateRequest kept;
  *kept.mutable_reasoning() = request->reasoning();
  *kept.mutable_sampling() = request->sampling();
  *kept.mutable_tool_choice() = request->tool_choice();
  kept.mutable_sampling()->clear_stop();
  google::protobuf::TextFormat::PrintToString(kept, &settings);
  for (const auto& item : request->items()) settings += std::to_string(item.kind_case()) + " ";
  for (const auto& tool : request->tools()) settings += tool.function().name() + std::to_string(tool.kind_case()) + " ";
  return shape + settings;
}

// Whether each event could be told and the answer had an end.
std::string Ending(const DecodedCall& decoded, const std::vector<inference::v1::GenerateEvent>& events) {
  const auto encoder = decoded.reply.translated();
  std::string out;
  for (const auto& event : events) {
    if (const auto told = encoder->Event(event, out); !told.ok()) return told.error().message;
  }
  const auto ended = encoder->End(out);
  return ended.ok() ? "ended" : ended.error().message;
}

class RecordedCase : public ::testing::TestWithParam<std::pair<Endpoint, Path>> {};

TEST_P(RecordedCase, SaysTheSameWithoutItsWords) {
  const auto& [endpoint, path] = GetParam();
  const bool asks = testing::HasFile(path, "request.json");
  const std::string body = asks ? *testing::ReadGolden(path, "request.json") : endpoint.smallest;
  const std::string dialect = testing::HasFile(path, "edit") ? "openai_images_edits" : endpoint.dialect;
  const auto original = Decode(dialect.c_str(), body);
  if (!original.ok()) return;  // what is wrong with it may be among its words
  const auto redacted = Decode(dialect.c_str(), Redactor(false).Body(body));
  EXPECT_EQ(Shape(redacted), Shape(original)) << Redactor(false).Body(body);
  if (!redacted.ok() || !testing::HasFile(path, "events.txtpb")) return;
  auto events = frontend::GoldenEvents(path);
  const std::string ending = Ending(*original, events);
  Redactor redactor(false);
  for (auto& event : events) redactor.Message(event);
  // Words are not told of twice: a model that spoke instead of drawing says something else now.
  if (endpoint.folder == std::string("openai_images") && ending != "ended") return;
  EXPECT_EQ(Ending(*redacted, events), ending);
}

// Signatures, thoughts, billing lines and names that look like keys are gone, so these are other requests afterwards.
const std::set<std::string> kTooSecret = {
    "long_names",          "long_tool_name",         "placeholder_signatures",   "request_agentic_turn",
    "request_claude_code", "request_deferred_tools", "request_foreign_thinking", "request_unsigned_thinking",
    "resumed_session",     "signature_behind_text",  "signature_round_trip"};

std::vector<std::pair<Endpoint, Path>> Cases() {
  std::vector<std::pair<Endpoint, Path>> cases;
  for (const Endpoint& endpoint : kEndpoints) {
    for (const Path& path : testing::GoldenCases(endpoint.folder)) {
      // Kept answers and the Codex CLI's headers are no part of a recording.
      const bool needs_more = testing::HasFile(path, "stored.json") || testing::HasFile(path, "codex");
      if (!needs_more && kTooSecret.count(path.filename().string()) == 0) cases.emplace_back(endpoint, path);
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Recorder, RecordedCase, ::testing::ValuesIn(Cases()), [](const auto& info) {
  return std::string(info.param.first.folder) + "_" + info.param.second.filename().string();
});

}  // namespace
}  // namespace patchbay::cli
