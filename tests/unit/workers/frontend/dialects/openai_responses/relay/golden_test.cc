// Every folder of tests/golden/openai_responses: request.json (with what was kept before in stored.json) →
// upstream.txt, provider.sse → stream.sse and response.json. And what holds for every stream, of these and of
// tests/golden/codex.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <set>

#include "lib/wire/boost_json.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "tests/unit/workers/frontend/dialects/openai_responses/streams_testing.h"
#include "workers/frontend/dialects/openai_responses/codex/request_edits.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/event_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"
#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"
#include "workers/frontend/dialects/openai_responses/relay/response_encoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

namespace json = boost::json;
using Path = std::filesystem::path;

class GoldenClock final : public Clock {
 public:
  WallTime Now() const override { return {}; }
  SteadyTime Steady() const override { return {}; }
};

std::string Spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text.append(" ").append(word);
  return text;
}

Echoes EchoesOf(const DecodedRequest& request) { return request.client.native ? Echoes() : codex::EchoesFor(request); }

// What the Codex backend gets.
std::string Describe(const Result<DecodedRequest>& decoded) {
  if (!decoded.ok()) {
    const Error& error = decoded.error();
    return "error: " + std::string(ToString(error.code)) + " at " + error.where + ": " + error.message + "\n" +
           EncodeError(ProblemOf(error)).body + "\n";
  }
  const auto edits = codex::EditsFor(*decoded);
  if (!edits.ok()) return "error: " + edits.error().message;
  std::string text = "model: " + decoded->model + (decoded->stream ? "\nstream\n" : "\n");
  if (decoded->keep) text += "keep\n";
  if (!edits->ignored.empty()) text += "ignored:" + Spaced(edits->ignored) + "\n";
  if (!edits->repaired.empty()) text += "repaired:" + Spaced(edits->repaired) + "\n";
  for (const auto& [name, value] : EchoesOf(*decoded))
    text.append("echo: ").append(name).append(" ").append(value) += "\n";
  return text + decoded->With(edits->changes) + "\n";
}

class GoldenCase : public ::testing::TestWithParam<Path> {
 protected:
  std::string Read(std::string_view file) { return *testing::ReadGolden(GetParam(), file); }

  // [{"id","response","input":[…],"output":[…]}]: each goes on from the one before it.
  void Fill() {
    if (!testing::HasFile(GetParam(), "stored.json")) return;
    const json::value list = *wire::ParseJson(Read("stored.json"));
    std::vector<ItemsJson> history;
    for (const json::value& each : list.as_array()) {
      StoredResponse response;
      response.id = wire::FindString(each, "id");
      response.response = json::serialize(each.at("response"));
      response.history = history;
      response.input = std::make_shared<const std::string>(ItemsOf(json::serialize(each.at("input"))));
      response.output = std::make_shared<const std::string>(RepeatableItems(json::serialize(each.at("output"))));
      history = response.Conversation();
      ASSERT_TRUE(shelf_->Put(std::move(response)));
    }
  }

  Result<DecodedRequest> Request() {
    const ClientTraits client{.native = testing::HasFile(GetParam(), "codex"),
                              .responses_lite = testing::HasFile(GetParam(), "lite"),
                              .compacts = testing::HasFile(GetParam(), "compact"),
                              .socket = testing::HasFile(GetParam(), "socket")};
    return DecodeRequest(Read("request.json"), client, shelf_.get());
  }

  ResponseAdditions Additions() {
    ResponseAdditions additions;
    if (!testing::HasFile(GetParam(), "request.json")) return additions;
    const auto request = Request();
    if (!request.ok()) return additions;
    additions.echoes = EchoesOf(*request);
    if (!request->keep) return additions;
    additions.shelf = shelf_;
    additions.draft.history = request->history;
    additions.draft.input = request->input;
    return additions;
  }

  StoredResponses store_{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  GoldenClock clock_;
  std::shared_ptr<ClientResponses> shelf_ = std::make_shared<ClientResponses>(store_, "key", clock_);
};

class ResponsesGoldenRequest : public GoldenCase {};
class ResponsesGoldenReply : public GoldenCase {};
class ResponsesStream : public GoldenCase {};

TEST_P(ResponsesGoldenRequest, IsDecoded) {
  Fill();
  ExpectGolden(GetParam(), "upstream.txt", Describe(Request()));
}

const Problem kCut(Problem::Kind::kProvider, "the provider's answer broke off before its end");

// The stream as an SDK client gets it, fed in pieces of that size; a stream that has no end is broken off.
std::string Relay(std::string_view provider, std::size_t piece, bool codex, const ResponseAdditions& additions = {}) {
  EventEncoder encoder({.every_byte = codex, .public_only = true}, "resp_fallback", "gpt-5.5", additions);
  std::string out;
  for (std::size_t at = 0; at < provider.size(); at += piece) {
    EXPECT_TRUE(encoder.Relay(provider.substr(at, piece), out).ok());
  }
  encoder.EncodeBreak(kCut, out);
  return out;
}

TEST_P(ResponsesGoldenReply, IsStreamed) {
  Fill();
  ExpectGolden(GetParam(), "stream.sse", Relay(Read("provider.sse"), 1 << 20, false, Additions()));
}

TEST_P(ResponsesGoldenReply, IsCollected) {
  Fill();
  ResponseEncoder encoder(Additions());
  ASSERT_TRUE(encoder.Add(Read("provider.sse")).ok());
  const auto response = encoder.Encode();
  ExpectGolden(GetParam(), "response.json", (response.ok() ? *response : "error: " + response.error().message) + "\n");
}

bool IsEnd(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" || type == "response.failed" || type == "error";
}

std::string ProviderStream(const Path& path) {
  const std::string_view file = testing::HasFile(path, "provider.sse") ? "provider.sse" : "stream.sse";
  return *testing::ReadGolden(path, file);
}

TEST_P(ResponsesStream, IsTheSameForEverySplit) {
  const std::string provider = ProviderStream(GetParam());
  for (const bool codex : {false, true}) {
    const std::string whole = Relay(provider, provider.size() + 1, codex);
    for (const std::size_t piece : {1u, 2u, 7u, 64u, 1000u}) EXPECT_EQ(Relay(provider, piece, codex), whole) << piece;
  }
}

TEST_P(ResponsesStream, EndsOnceAndSaysNothingAfterIt) {
  const auto events = EventsIn(Relay(ProviderStream(GetParam()), 1 << 20, false));
  ASSERT_FALSE(events.empty());
  std::size_t ends = 0;
  for (const auto& event : events) ends += IsEnd(wire::FindString(event, "type")) ? 1 : 0;
  EXPECT_EQ(ends, 1u);
  EXPECT_TRUE(IsEnd(wire::FindString(events.back(), "type")));
}

TEST_P(ResponsesStream, IsTheSameStreamedAndCollected) {
  const std::string provider = ProviderStream(GetParam());
  const auto events = EventsIn(Relay(provider, 1 << 20, false));
  ResponseEncoder collector;
  ASSERT_TRUE(collector.Add(provider).ok());
  const auto collected = collector.Encode();
  const std::string_view end = wire::FindString(events.back(), "type");
  ASSERT_EQ(collected.ok(), end == "response.completed" || end == "response.incomplete");
  if (!collected.ok()) return;
  EXPECT_EQ(*wire::ParseJson(*collected), events.back().at("response"));
  // The items of the end are the items that were done, in the order of their numbers.
  std::map<std::int64_t, json::value> done;
  for (const auto& event : events) {
    if (wire::FindString(event, "type") != "response.output_item.done") continue;
    done.emplace(event.at("output_index").to_number<std::int64_t>(), event.at("item"));
  }
  json::array output;
  for (auto& [index, item] : done) output.push_back(std::move(item));
  EXPECT_EQ(json::value(output), events.back().at("response").at("output"));
}

TEST_P(ResponsesGoldenReply, NumbersItemsDensely) {
  std::int64_t items = 0;
  for (const auto& event : EventsIn(Relay(Read("provider.sse"), 1 << 20, false))) {
    if (wire::FindString(event, "type") != "response.output_item.added") continue;
    EXPECT_EQ(event.at("output_index"), items++);
  }
}

TEST_P(ResponsesStream, KeepsOneIdOfTheResponse) {
  std::set<std::string> ids;
  for (const auto& event : EventsIn(Relay(ProviderStream(GetParam()), 1 << 20, false))) {
    const auto* response = wire::FindMember(event, "response");
    if (response != nullptr) ids.emplace(wire::FindString(*response, "id"));
  }
  EXPECT_LE(ids.size(), 1u);
}

TEST_P(ResponsesStream, ReachesCodexByteForByte) {
  const std::string provider = ProviderStream(GetParam());
  const std::string relayed = Relay(provider, 13, true);
  const std::size_t whole = std::min(relayed.size(), provider.size());
  const std::size_t last = provider.rfind("\n\n");
  const std::size_t end = last == std::string::npos ? 0 : last + 2;
  ASSERT_LE(end, whole);
  EXPECT_EQ(relayed.substr(0, end), provider.substr(0, end));
}

std::vector<Path> Streams() {
  auto cases = GoldenCasesWith("openai_responses", "provider.sse");
  for (const Path& codex : testing::GoldenCases("codex")) {
    // One of them ends its lines now so, now so, and holds half a surrogate pair: it is about reading events, not
    // passing them.
    const bool odd = codex.filename() == "events_without_names_and_crlf";
    if (testing::HasFile(codex, "stream.sse") && !odd) cases.push_back(codex);
  }
  return cases;
}
std::string NameOf(const ::testing::TestParamInfo<Path>& info) {
  return info.param.parent_path().filename().string() + "_" + info.param.filename().string();
}

INSTANTIATE_TEST_SUITE_P(OpenAiResponses, ResponsesGoldenRequest,
                         ::testing::ValuesIn(GoldenCasesWith("openai_responses", "request.json")), NameOf);
INSTANTIATE_TEST_SUITE_P(OpenAiResponses, ResponsesGoldenReply,
                         ::testing::ValuesIn(GoldenCasesWith("openai_responses", "provider.sse")), NameOf);
INSTANTIATE_TEST_SUITE_P(OpenAiResponses, ResponsesStream, ::testing::ValuesIn(Streams()), NameOf);

}  // namespace
}  // namespace patchbay::frontend::openai_responses
