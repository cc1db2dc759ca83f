// README.md's table of fields is true, and whole.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/field_table.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"

namespace patchbay::frontend::openai_chat {
namespace {

using ::testing::Contains;
using ::testing::Not;

constexpr const char* kBaseline =
    R"({"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"custom","custom":{"name":"c"}}]})";

std::vector<FieldRow> Rows() { return ReadFieldTable("workers/frontend/dialects/openai_chat/README.md"); }

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
    EXPECT_TRUE(decoded->stream || decoded->include_usage || !decoded->stops.empty());
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
