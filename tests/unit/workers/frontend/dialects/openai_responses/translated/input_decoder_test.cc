#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"

#include <gmock/gmock.h>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

using ::testing::ElementsAre;

class InputDecoderTest : public ::testing::Test {
 protected:
  Result<void> Decode(const std::string& input) {
    const boost::json::value json = *wire::ParseJson(input);
    InputDecoder decoder(request_, ignored_, repaired_, references_);
    RETURN_IF_ERROR(decoder.Decode(JsonNode(json)));
    decoder.Finish();
    return {};
  }

  inference::v1::GenerateRequest request_;
  std::vector<std::string> ignored_, repaired_;
  const std::map<std::string, std::string> references_ = {{"msg_1", R"({"role":"assistant","content":"Kept."})"}};
};

TEST_F(InputDecoderTest, TakesATextForOneMessageOfTheUser) {
  ASSERT_TRUE(Decode(R"("Hello")").ok());
  ASSERT_EQ(request_.items_size(), 1);
  EXPECT_EQ(request_.items(0).message().role(), inference::v1::ROLE_USER);
  EXPECT_EQ(request_.items(0).message().parts(0).text(), "Hello");
}

TEST_F(InputDecoderTest, PairsCallsWithTheirResults) {
  ASSERT_TRUE(Decode(R"([{"type":"function_call","call_id":"c","name":"f","arguments":"{}","brand_new":1},
                         {"type":"function_call_output","call_id":"c","output":"done"}])")
                  .ok());
  ASSERT_EQ(request_.items_size(), 2);
  EXPECT_EQ(request_.items(0).tool_call().name(), "f");
  EXPECT_EQ(request_.items(1).tool_result().parts(0).text(), "done");
  EXPECT_THAT(ignored_, ElementsAre("[].brand_new"));
}

TEST_F(InputDecoderTest, OpensTheReasoningThatThisGatewaySealed) {
  inference::v1::Item thought;
  thought.mutable_reasoning()->set_text("Hm");
  thought.mutable_reasoning()->set_sealed_by("deepseek");
  ASSERT_TRUE(Decode(R"([{"type":"reasoning","summary":[],"encrypted_content":")" + WrapReasoning({thought}) + R"("},
                         {"type":"reasoning","summary":[{"type":"summary_text","text":"S"}],"encrypted_content":"gAAAA"}])")
                  .ok());
  ASSERT_EQ(request_.items_size(), 2);
  EXPECT_EQ(request_.items(0).reasoning().sealed_by(), "deepseek");
  EXPECT_EQ(request_.items(1).reasoning().sealed_by(), kDialect)
      << "what we did not seal, some provider of this API did";
  EXPECT_EQ(request_.items(1).reasoning().summary(0), "S");
}

TEST_F(InputDecoderTest, PutsTheItemInPlaceOfAReferenceToIt) {
  ASSERT_TRUE(Decode(R"([{"type":"item_reference","id":"msg_1"}])").ok());
  EXPECT_EQ(request_.items(0).message().parts(0).text(), "Kept.");
  const auto unknown = Decode(R"([{"type":"item_reference","id":"msg_2"}])");
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(unknown.error().where, "/0");
}

TEST_F(InputDecoderTest, KeepsWhatOnlyThisDialectHas) {
  ASSERT_TRUE(Decode(R"([{"type":"compaction","encrypted_content":"x"}])").ok());
  EXPECT_EQ(request_.items(0).opaque().type(), "compaction");
  EXPECT_EQ(request_.items(0).opaque().dialect(), kDialect);
}

TEST_F(InputDecoderTest, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(Decode("5").error().where, "");
  EXPECT_EQ(Decode(R"([{}])").error().where, "/0");
  EXPECT_EQ(Decode(R"([{"role":"robot"}])").error().where, "/0/role");
  EXPECT_EQ(Decode(R"([{"type":"function_call","call_id":"c"}])").error().where, "/0/name");
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::translated
