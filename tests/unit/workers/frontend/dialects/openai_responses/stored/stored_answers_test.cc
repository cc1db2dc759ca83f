#include "workers/frontend/dialects/openai_responses/stored/stored_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/openai_responses/relay/compaction_encoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

namespace json = boost::json;

class KeptClock final : public Clock {
 public:
  WallTime Now() const override { return {}; }
  SteadyTime Steady() const override { return {}; }
};

ItemsJson Items(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

class StoredAnswers : public ::testing::Test {
 protected:
  StoredAnswers() {
    StoredResponse response;
    response.id = "resp_1";
    response.response = R"({"id":"resp_1","object":"response"})";
    response.history = {Items(R"({"type":"message","role":"user","content":"one"})"), Items("")};
    response.input = Items(R"({"type":"function_call_output","call_id":"c"},{"type":"brand_new"},{"id":"msg_own"})");
    response.output = Items("");
    EXPECT_TRUE(shelf_.Put(std::move(response)));
  }
  Answer Ask(std::string_view method, std::string_view id, std::string_view suffix = "", std::string_view query = "") {
    return AnswerStored(method, id, suffix, query, &shelf_);
  }
  json::value List(std::string_view query) {
    return *wire::ParseJson(Ask("GET", "resp_1", "/input_items", query).body);
  }
  static std::vector<std::string> Ids(const json::value& list) {
    std::vector<std::string> ids;
    for (const auto& item : list.at("data").as_array()) ids.emplace_back(wire::FindString(item, "id"));
    return ids;
  }

  StoredResponses store_{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  KeptClock clock_;
  ClientResponses shelf_{store_, "key", clock_};
};

TEST_F(StoredAnswers, ShowAKeptResponse) {
  const Answer answer = Ask("GET", "resp_1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"id":"resp_1","object":"response"})");
}

TEST_F(StoredAnswers, SayThatAnUnknownOneIsNotThere) {
  for (const char* method : {"GET", "DELETE", "POST"}) {
    for (const char* suffix : {"", "/input_items", "/cancel"}) {
      const Answer answer = Ask(method, "resp_2", suffix);
      EXPECT_EQ(answer.status, 404);
      EXPECT_EQ(wire::FindString(wire::ParseJson(answer.body)->at("error"), "message"),
                "Response with id 'resp_2' not found.");
    }
  }
  EXPECT_EQ(AnswerStored("GET", "resp_1", "", "", nullptr).status, 404);
}

TEST_F(StoredAnswers, ForgetOnDelete) {
  const Answer answer = Ask("DELETE", "resp_1");
  EXPECT_EQ(answer.body, R"({"id":"resp_1","object":"response","deleted":true})");
  EXPECT_EQ(Ask("GET", "resp_1").status, 404);
  EXPECT_EQ(Ask("DELETE", "resp_1").status, 404);
}

TEST_F(StoredAnswers, CannotBeCancelled) { EXPECT_EQ(Ask("POST", "resp_1", "/cancel").status, 400); }

TEST_F(StoredAnswers, ListTheInputNewestFirstWithAnIdForEachItem) {
  const json::value list = List("");
  EXPECT_EQ(wire::FindString(list, "object"), "list");
  EXPECT_EQ(Ids(list), (std::vector<std::string>{"msg_own", "item_resp_1_2", "fco_resp_1_1", "msg_resp_1_0"}));
  EXPECT_EQ(wire::FindString(list, "first_id"), "msg_own");
  EXPECT_EQ(wire::FindString(list, "last_id"), "msg_resp_1_0");
  EXPECT_EQ(list.at("has_more"), false);
}

TEST_F(StoredAnswers, ListTheInputInPages) {
  const json::value first = List("order=asc&limit=3");
  EXPECT_EQ(Ids(first), (std::vector<std::string>{"msg_resp_1_0", "fco_resp_1_1", "item_resp_1_2"}));
  EXPECT_EQ(first.at("has_more"), true);
  const json::value second = List("order=asc&limit=3&after=item_resp_1_2");
  EXPECT_EQ(Ids(second), (std::vector<std::string>{"msg_own"}));
  EXPECT_EQ(second.at("has_more"), false);
  EXPECT_TRUE(List("order=asc&after=msg_own").at("first_id").is_null());
}

TEST_F(StoredAnswers, NameAWrongParameter) {
  const std::vector<std::pair<const char*, const char*>> wrong = {
      {"limit=0", "limit"}, {"limit=101", "limit"}, {"limit=x", "limit"}, {"order=up", "order"}, {"after=no", "after"}};
  for (const auto& [query, param] : wrong) {
    const Answer answer = Ask("GET", "resp_1", "/input_items", query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(wire::FindString(wire::ParseJson(answer.body)->at("error"), "param"), param);
  }
  EXPECT_EQ(Ask("GET", "resp_1", "", "stream=true").status, 400);
}

std::string Stream(std::string_view items) {
  std::string out, data(R"({"type":"response.completed","response":{"id":"resp_c","created_at":5,"output":[)");
  wire::AppendSseEvent(out, "response.completed", data.append(items).append(R"(],"usage":{"input_tokens":3}}})"));
  return out;
}

TEST(CompactionEncoder, GivesTheUsersMessagesAndTheCompaction) {
  CompactionEncoder encoder(Items(
      R"({"type":"message","role":"user","content":"a"},{"type":"message","role":"assistant","content":"b"},{"type":"reasoning"})"));
  ASSERT_TRUE(encoder.Add(Stream(R"({"type":"compaction","id":"cmp_1","encrypted_content":"g"})")).ok());
  EXPECT_EQ(*wire::ParseJson(*encoder.Encode()), *wire::ParseJson(R"({"id":"resp_c","object":"response.compaction",
      "created_at":5,"usage":{"input_tokens":3},"output":[{"type":"message","role":"user","content":"a"},
      {"type":"compaction","id":"cmp_1","encrypted_content":"g"}]})"));
}

TEST(CompactionEncoder, WantsExactlyOneCompaction) {
  for (const char* items : {"", R"({"type":"message"})", R"({"type":"compaction"},{"type":"compaction"})"}) {
    CompactionEncoder encoder(Items(""));
    ASSERT_TRUE(encoder.Add(Stream(*items == 0 ? R"({"type":"other"})" : items)).ok());
    const auto encoded = encoder.Encode();
    ASSERT_FALSE(encoded.ok()) << items;
    EXPECT_EQ(encoded.error().origin, Origin::kUpstream);
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
