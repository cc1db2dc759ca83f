// README.md's table of fields is true, and whole.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"
#include "workers/frontend/dialects/openai_chat/request_input.h"

namespace patchbay::frontend::openai_chat {
namespace {

namespace json = boost::json;
using ::testing::Contains;
using ::testing::Not;

constexpr const char* kBaseline =
    R"({"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"custom","custom":{"name":"c"}}]})";

std::vector<FieldRow> RowsWith(bool path) {
  return ReadFieldRows("workers/frontend/dialects/openai_chat/README.md", path);
}
std::vector<FieldRow> Rows() { return RowsWith(false); }

constexpr const char* kResponsesBaseline = R"({"model":"gpt-5.5","input":"Hi"})";
std::vector<FieldRow> ResponsesRows() {
  return ReadFieldTable("workers/frontend/dialects/openai_chat/README.md", "| Responses field |");
}

class ChatFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(ChatFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto body = wire::SpliceTopLevel(kBaseline, row.field, row.sample, wire::IfMissing::kInsert);
  ASSERT_TRUE(body.ok());
  const auto decoded = DecodeRequest(*body);
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where.rfind("/" + row.field, 0), 0u) << decoded.error().where;
    EXPECT_EQ(decoded.error().origin, Origin::kClient);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const auto baseline = DecodeRequest(kBaseline);
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(decoded->request, baseline->request);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  if (row.handling == "ignored") {
    EXPECT_THAT(decoded->ignored, Contains(row.field));
    EXPECT_FALSE(changed);
  } else if (row.handling == "forwarded") {
    EXPECT_THAT(decoded->ignored, Not(Contains(row.field)));
    EXPECT_THAT(wishes, Not(Contains(row.field)));
    EXPECT_TRUE(changed);
  } else if (row.handling == "provider") {
    EXPECT_THAT(wishes, Contains(row.field));
    EXPECT_TRUE(changed);
  } else {
    EXPECT_EQ(row.handling, "emulated");
    EXPECT_THAT(decoded->ignored, Not(Contains(row.field)));
    EXPECT_TRUE(decoded->stream || decoded->include_usage);
  }
}

TEST_P(ChatFields, MayBeNull) {
  const auto body = wire::SpliceTopLevel(kBaseline, GetParam().field, "null", wire::IfMissing::kInsert);
  const auto decoded = DecodeRequest(*body);
  const bool required = GetParam().field == "model" || GetParam().field == "messages";
  EXPECT_EQ(decoded.ok(), !required);
  if (decoded.ok()) {
    EXPECT_TRUE(decoded->ignored.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(OpenAiChat, ChatFields, ::testing::ValuesIn(Rows()),
                         [](const auto& info) { return info.param.field; });

class ResponsesFormFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(ResponsesFormFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto body = wire::SpliceTopLevel(kResponsesBaseline, row.field, row.sample, wire::IfMissing::kInsert);
  const auto decoded = DecodeRequest(*body);
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where, "/" + row.field);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const bool changed =
      !google::protobuf::util::MessageDifferencer::Equals(decoded->request, DecodeRequest(kResponsesBaseline)->request);
  EXPECT_EQ(changed, row.handling == "forwarded");
  EXPECT_EQ(row.handling == "ignored", ::testing::Matches(Contains(row.field))(decoded->ignored));
}

TEST_P(ResponsesFormFields, ChangeNothingBesideMessages) {
  const FieldRow& row = GetParam();
  if (row.field == "messages") return;
  const auto decoded = DecodeRequest(*wire::SpliceTopLevel(kBaseline, row.field, row.sample, wire::IfMissing::kInsert));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_THAT(decoded->ignored, Contains(row.field));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(decoded->request, DecodeRequest(kBaseline)->request));
}

INSTANTIATE_TEST_SUITE_P(OpenAiChat, ResponsesFormFields, ::testing::ValuesIn(ResponsesRows()),
                         [](const auto& info) { return info.param.field; });

TEST(ResponsesForm, TakesTheRowsOfChatsToo) {
  for (const FieldRow& row : Rows()) {
    if (row.field == "messages" || row.field == "input") continue;
    const auto chat = DecodeRequest(*wire::SpliceTopLevel(kBaseline, row.field, row.sample, wire::IfMissing::kInsert));
    const auto other =
        DecodeRequest(*wire::SpliceTopLevel(kResponsesBaseline, row.field, row.sample, wire::IfMissing::kInsert));
    ASSERT_EQ(chat.ok(), other.ok()) << row.field;
    if (!chat.ok()) {
      EXPECT_EQ(chat.error().where, other.error().where);
      continue;
    }
    EXPECT_EQ(chat->ignored, other->ignored) << row.field;
    EXPECT_EQ(chat->wishes.size(), other->wishes.size()) << row.field;
    EXPECT_EQ(chat->stream, other->stream) << row.field;
  }
}

TEST(ResponsesForm, HasItsTableInTheReadme) {
  std::set<std::string> documented, known;
  for (const auto& row : ResponsesRows()) documented.insert(row.field);
  for (const auto name : ResponsesFields()) known.insert(std::string(name));
  EXPECT_EQ(documented, known);
}

class ChatMembers : public ::testing::TestWithParam<FieldRow> {
 protected:
  const std::string field_ = GetParam().field;
  const std::string parent_ = field_.substr(0, field_.rfind('.'));
  const std::string member_ = field_.substr(field_.rfind('.') + 1);
  const json::object sample_ = wire::ParseJson(GetParam().sample)->as_object();

  // The baseline with `object` in the row's place, in a conversation where it makes sense.
  Result<DecodedRequest> Decode(json::object object) {
    std::string place = parent_;
    const auto inside = [&](std::string_view end, json::object outer) {
      if (!place.ends_with(end)) return;
      place.resize(place.rfind('.'));
      outer[end.substr(end.rfind('.') + 1)] = std::exchange(object, {});
      object = std::move(outer);
    };
    inside("content[].file", {{"type", "file"}});
    inside("content[].image_url", {{"type", "image_url"}});
    inside("[].function", {{"type", "function"}, {"id", "t"}});
    inside("[].custom", {{"type", "custom"}, {"id", "t"}});
    inside("tool_choice.allowed_tools", {{"type", "allowed_tools"}});
    inside("response_format.json_schema", {{"type", "json_schema"}});
    json::object body = wire::ParseJson(kBaseline)->as_object();
    json::array& messages = body.at("messages").as_array();
    if (place == "messages[]") {
      messages.insert(messages.begin(), object);
    } else if (place == "messages[].tool_calls[]") {
      messages.insert(messages.begin(), json::object{{"role", "assistant"}, {"tool_calls", json::array{object}}});
    } else if (place == "messages[].content[]") {
      const char* role = object.at("type") == "refusal" ? "assistant" : "user";
      messages.insert(messages.begin(), json::object{{"role", role}, {"content", json::array{object}}});
    } else if (place == "tools[]") {
      body["tools"] = json::array{object};
    } else {
      body[place] = object;
    }
    return DecodeRequest(json::serialize(body));
  }
};

TEST_P(ChatMembers, AreHandledAsTheTableSays) {
  const std::string& handling = GetParam().handling;
  const auto decoded = Decode(sample_);
  if (handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_TRUE(decoded.error().where.ends_with("/" + member_)) << decoded.error().where;
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message << " at " << decoded.error().where;
  json::object rest = sample_;
  rest.erase(member_);
  const auto without = Decode(rest);
  const bool changed = !without.ok() || without->include_usage != decoded->include_usage ||
                       !google::protobuf::util::MessageDifferencer::Equals(decoded->request, without->request);
  EXPECT_TRUE(handling == "forwarded" || handling == "provider" || handling == "emulated" || handling == "ignored")
      << handling;
  EXPECT_EQ(changed, handling != "ignored");
  const auto wished = [&](const WishedFor& wish) { return wish.field == field_; };
  EXPECT_EQ(std::count_if(decoded->wishes.begin(), decoded->wishes.end(), wished), handling == "provider" ? 1 : 0);
  EXPECT_EQ(handling == "ignored", ::testing::Matches(Contains(field_))(decoded->ignored));
  EXPECT_EQ(handling == "emulated", decoded->include_usage);
}

TEST_P(ChatMembers, MayBeNullAsIfAbsent) {
  ExpectNullIsAbsent(sample_, member_, [this](const json::object& object) { return Decode(object); });
}

TEST_P(ChatMembers, AreReportedOnceWhenNobodyHasHeardOfThem) {
  if (GetParam().handling == "rejected") return;
  json::object odd = sample_;
  odd["brand_new"] = 1;
  const auto decoded = Decode(odd);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(std::count(decoded->ignored.begin(), decoded->ignored.end(), parent_ + ".brand_new"), 1);
}

INSTANTIATE_TEST_SUITE_P(OpenAiChat, ChatMembers, ::testing::ValuesIn(RowsWith(true)), NameOfRow);

TEST(ChatRequest, NamesNoMoreIgnoredFieldsThanAHeaderHolds) {
  std::string body = kBaseline;
  body.pop_back();
  for (int i = 0; i < 50'000; ++i) body += ",\"x" + std::to_string(i) + "\":1";
  EXPECT_EQ(DecodeRequest(body + "}")->ignored.size(), kMaxIgnoredFields);
}

TEST(ChatFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented, known;
  for (const auto& row : Rows()) documented.insert(row.field);
  for (const auto name : KnownFields()) known.insert(std::string(name));
  EXPECT_EQ(documented, known);
}

TEST(RequestDecoder, ReportsAFieldItHasNeverHeardOf) {
  const auto decoded = DecodeRequest(*wire::SpliceTopLevel(kBaseline, "brand_new", "1", wire::IfMissing::kInsert));
  EXPECT_THAT(decoded->ignored, Contains("brand_new"));
}

TEST(RequestDecoder, RefusesWhatIsNestedTooDeep) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  const auto decoded = DecodeRequest(*wire::SpliceTopLevel(kBaseline, "metadata", deep, wire::IfMissing::kInsert));
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument);
}

TEST(RequestDecoder, RefusesWhatIsNoObject) {
  for (const char* body : {"", "[]", "5", "null", "\"x\"", "{", "{}"}) EXPECT_FALSE(DecodeRequest(body).ok()) << body;
}

}  // namespace
}  // namespace patchbay::frontend::openai_chat
