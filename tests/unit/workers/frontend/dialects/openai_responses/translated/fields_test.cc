// What README.md says of members on the translated route is true, and whole.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

using ::testing::IsEmpty;

constexpr const char* kSmallest = R"({"model":"gpt-5.5","input":"Hi"})";

std::vector<FieldRow> TranslatedRows() {
  return ReadFieldTable("workers/frontend/dialects/openai_responses/README.md", "| translated field |");
}

Result<TranslatedRequest> Translate(std::string_view body) { return DecodeRequest({body, {}, {}}); }

class TranslatedFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(TranslatedFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto body = wire::SpliceTopLevel(kSmallest, row.field, row.sample, wire::IfMissing::kInsert);
  const auto decoded = Translate(*body);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_THAT(decoded->ignored, IsEmpty());
  auto request = decoded->request;
  std::vector<std::string> kept;
  for (const auto& opaque : request.opaque()) kept.push_back(opaque.type());
  request.clear_opaque();
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(request, Translate(kSmallest)->request);
  EXPECT_EQ(changed, row.handling == "forwarded");
  EXPECT_EQ(kept, row.handling == "kept" ? std::vector{row.field} : std::vector<std::string>());
}

TEST_P(TranslatedFields, MayBeNull) {
  const FieldRow& row = GetParam();
  const auto decoded = Translate(*wire::SpliceTopLevel(kSmallest, row.field, "null", wire::IfMissing::kInsert));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(decoded->request.opaque_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(OpenAiResponses, TranslatedFields, ::testing::ValuesIn(TranslatedRows()),
                         [](const auto& info) { return info.param.field; });

TEST(TranslatedFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented;
  for (const auto& row : TranslatedRows()) documented.insert(row.field);
  for (const auto name : KnownFields()) EXPECT_TRUE(documented.count(std::string(name))) << name;
}

TEST(TranslatedRequestDecoder, NamesThePlaceOfAMistake) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"model":5})", "/model"},
      {R"({"model":"m","input":5})", "/input"},
      {R"({"model":"m","input":[{"role":"nobody","content":"x"}]})", "/input/0/role"},
      {R"({"model":"m","input":[{"type":"function_call","name":"f"}]})", "/input/0/call_id"},
      {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]})", "/input/0/content/0/text"},
      {R"({"model":"m","input":"x","tools":[{"type":"function"}]})", "/tools/0/name"},
      {R"({"model":"m","input":"x","temperature":9})", "/temperature"},
      {R"({"model":"m","input":"x","text":{"format":{"type":"xml"}}})", "/text/format/type"},
  };
  for (const auto& [body, where] : cases) {
    const auto decoded = Translate(body);
    ASSERT_FALSE(decoded.ok()) << body;
    EXPECT_EQ(decoded.error().where, where);
    EXPECT_EQ(decoded.error().origin, Origin::kClient);
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::translated
