// Every folder of tests/golden/openai_responses_translated: request.json (going on from history.json) →
// canonical.txtpb, events.txtpb → stream.sse and response.json. And what holds for every answer, of these and of the
// other dialects' cases: a strict reader of the API (client-protocols C.4) can read it.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <set>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "tests/unit/workers/frontend/dialects/openai_responses/streams_testing.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"
#include "workers/frontend/dialects/openai_responses/relay/public_events.h"
#include "workers/frontend/dialects/openai_responses/translated/event_encoder.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"
#include "workers/frontend/dialects/openai_responses/translated/response_encoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_search.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace json = boost::json;
using Path = std::filesystem::path;
constexpr const char* kArea = "openai_responses_translated";

Result<TranslatedRequest> RequestOf(const Path& path) {
  std::vector<ItemsJson> history;
  if (testing::HasFile(path, "history.json")) {
    history.push_back(std::make_shared<const std::string>(ItemsOf(*testing::ReadGolden(path, "history.json"))));
  }
  const std::map<std::string, std::string> references = {
      {"msg_kept", R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"Kept."}]})"}};
  const std::string body = *testing::ReadGolden(path, "request.json");
  return DecodeRequest({body, history, references});
}

std::string DescribeTranslated(const Result<TranslatedRequest>& decoded) {
  if (!decoded.ok()) return Described(decoded.error());
  return Described(decoded->request, Listed("ignored", decoded->ignored) + Listed("repaired", decoded->repaired));
}

AnswerIdentity IdentityOf(const Path& path) {
  std::string body = testing::HasFile(path, "request.json") ? *testing::ReadGolden(path, "request.json") : "{}";
  RequestMembers said;
  const auto members = wire::TopLevelMembers(body);
  EXPECT_TRUE(members.ok());
  bool searches_tools = false;
  for (const auto& member : *members) {
    said.emplace_back(member.key, member.value.In(body));
    searches_tools |= member.key == "tools" && OffersToolSearch(member.value.In(body));
  }
  return {ResponseObject("resp_1", "gpt-5.5", 1787390000, said), "u", testing::HasFile(path, "codex"), searches_tools};
}

std::string StreamOf(const Path& path, const std::vector<inference::v1::GenerateEvent>& events) {
  EventEncoder encoder(IdentityOf(path));
  std::string stream;
  for (const auto& event : events) EXPECT_TRUE(encoder.Encode(event, stream).ok()) << event.DebugString();
  const auto failure = GoldenFailure(path);
  EXPECT_NE(encoder.ended(), failure.has_value());
  if (failure) encoder.EncodeBreak(*failure, stream);
  return stream;
}

class TranslatedRequests : public ::testing::TestWithParam<Path> {};
class TranslatedReplies : public ::testing::TestWithParam<Path> {};
class EveryTranslatedReply : public ::testing::TestWithParam<Path> {};

TEST_P(TranslatedRequests, AreDecoded) {
  ExpectGolden(GetParam(), "canonical.txtpb", DescribeTranslated(RequestOf(GetParam())));
}

TEST_P(TranslatedReplies, AreStreamed) {
  ExpectGolden(GetParam(), "stream.sse", StreamOf(GetParam(), GoldenEvents(GetParam())));
}

TEST_P(TranslatedReplies, AreCollected) {
  ResponseEncoder encoder(IdentityOf(GetParam()));
  for (const auto& event : GoldenEvents(GetParam())) ASSERT_TRUE(encoder.Add(event).ok());
  const auto body = encoder.Encode();
  if (const auto failure = GoldenFailure(GetParam())) {
    EXPECT_FALSE(body.ok()) << "an end was invented";
    return ExpectGolden(GetParam(), "response.json", EncodeError(*failure).body + "\n");
  }
  ASSERT_TRUE(body.ok());
  ExpectGolden(GetParam(), "response.json", *body + "\n");
}

// What the strict reader keeps of one item.
struct ReadItem {
  std::string id, type, text, input;
  std::map<std::string, std::int64_t> parts;  // by the member that counts them
  bool part_open = false;
};

TEST_P(EveryTranslatedReply, CanBeReadStrictly) {
  const auto events = EventsIn(StreamOf(GetParam(), GoldenEvents(GetParam())));
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(wire::FindString(events[0], "type"), "response.created");
  EXPECT_EQ(wire::FindString(events[1], "type"), "response.in_progress");
  std::vector<ReadItem> items;
  json::array done;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const json::value& event = events[i];
    const std::string type(wire::FindString(event, "type"));
    EXPECT_EQ(event.at("sequence_number"), static_cast<std::int64_t>(i));
    EXPECT_TRUE(IsPublicEvent(type)) << type;
    if (type == "response.output_item.added") {
      EXPECT_EQ(event.at("output_index"), static_cast<std::int64_t>(items.size())) << "not dense";
      ReadItem& item = items.emplace_back();
      item.id = wire::FindString(event.at("item"), "id");
      item.type = wire::FindString(event.at("item"), "type");
      EXPECT_FALSE(item.id.empty());
      EXPECT_TRUE(ids.insert(item.id).second) << "twice: " << item.id;
      continue;
    }
    const json::value* index = wire::FindMember(event, "output_index");
    if (index == nullptr) continue;
    ASSERT_LT(index->as_int64(), static_cast<std::int64_t>(items.size())) << type << " before its item";
    ReadItem& item = items[static_cast<std::size_t>(index->as_int64())];
    if (type == "response.output_item.done") {
      EXPECT_FALSE(item.part_open);
      EXPECT_EQ(wire::FindString(event.at("item"), "id"), item.id);
      EXPECT_EQ(wire::FindString(event.at("item"), "type"), item.type);
      done.push_back(event.at("item"));
      if (item.type == "function_call") {
        EXPECT_EQ(wire::FindString(event.at("item"), "arguments"), item.input);
        EXPECT_FALSE(item.input.empty()) << "which is no JSON";
      }
      continue;
    }
    EXPECT_EQ(wire::FindString(event, "item_id"), item.id);
    if (type.ends_with("_part.added")) {
      const char* counter = type.find("summary") == std::string::npos ? "content_index" : "summary_index";
      EXPECT_EQ(event.at(counter), item.parts[counter]++) << "not dense";
      EXPECT_FALSE(item.part_open);
      item.part_open = true;
      item.text.clear();
    } else if (type.ends_with("_part.done")) {
      item.part_open = false;
    } else if (type.ends_with("_text.delta") || type == "response.refusal.delta") {
      EXPECT_TRUE(item.part_open);
      item.text += wire::FindString(event, "delta");
    } else if (type.ends_with("_text.done") || type == "response.refusal.done") {
      EXPECT_EQ(wire::FindString(event, type == "response.refusal.done" ? "refusal" : "text"), item.text);
    } else if (type.ends_with("arguments.delta") || type.ends_with("input.delta")) {
      item.input += wire::FindString(event, "delta");
    }
  }
  // The end has every item that was done, and comes once and last.
  const json::value& end = events.back();
  EXPECT_EQ(wire::FindString(end, "type"), "response." + std::string(wire::FindString(end.at("response"), "status")));
  EXPECT_EQ(end.at("response").at("output").as_array().size(), done.size());
  for (const json::value& item : end.at("response").at("output").as_array()) {
    EXPECT_NE(std::find(done.begin(), done.end(), item), done.end()) << item;
  }
}

TEST_P(EveryTranslatedReply, IsTheSameStreamedAndCollected) {
  if (testing::HasFile(GetParam(), "failure.txtpb")) return;
  ResponseEncoder whole(IdentityOf(GetParam()));
  for (const auto& event : GoldenEvents(GetParam())) ASSERT_TRUE(whole.Add(event).ok());
  EXPECT_EQ(*wire::ParseJson(*whole.Encode()),
            EventsIn(StreamOf(GetParam(), GoldenEvents(GetParam()))).back().at("response"));
}

// However the provider cuts its deltas, the answer at the end is the same.
TEST_P(EveryTranslatedReply, DoesNotDependOnHowItsDeltasAreCut) {
  auto events = GoldenEvents(GetParam());
  ClearLogprobs(events);
  const auto end = EventsIn(StreamOf(GetParam(), events)).back().at("response");
  for (const std::size_t size : kCutSizes) {
    EXPECT_EQ(EventsIn(StreamOf(GetParam(), CutDeltas(events, size))).back().at("response"), end) << size;
  }
}

std::vector<Path> Replies() {
  std::vector<Path> cases;
  for (const char* area : {kArea, "openai_chat", "anthropic", "gemini"}) {
    for (Path& path : GoldenCasesWith(area, "events.txtpb")) cases.push_back(std::move(path));
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(OpenAiResponses, TranslatedRequests,
                         ::testing::ValuesIn(GoldenCasesWith(kArea, "request.json")), GoldenName);
INSTANTIATE_TEST_SUITE_P(OpenAiResponses, TranslatedReplies,
                         ::testing::ValuesIn(GoldenCasesWith(kArea, "events.txtpb")), GoldenName);
INSTANTIATE_TEST_SUITE_P(OpenAiResponses, EveryTranslatedReply, ::testing::ValuesIn(Replies()), [](const auto& info) {
  return info.param.parent_path().filename().string() + "_" + info.param.filename().string();
});

}  // namespace
}  // namespace patchbay::frontend::openai_responses::translated
