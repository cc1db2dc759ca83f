#include "workers/upstream/dialects/openai_chat/request_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/sim/chat/validate_chat.h"
#include "tests/unit/workers/upstream/dialects/openai_chat/golden.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"
#include "workers/upstream/dialects/translation.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

EncodedRequest EncodeChat(const std::string& text, const std::string& quirks) {
  Result<EncodedRequest> encoded = EncodeRequest(FromText<inf::GenerateRequest>(text), QuirksOf(quirks), "session-1");
  EXPECT_TRUE(encoded.ok()) << encoded.error().message;
  return encoded.ok() ? std::move(encoded).value() : EncodedRequest();
}

class GoldenChatRequest : public testing::TestWithParam<std::string> {};

// The body of the request once it fits, and below it what was left out and what was changed.
TEST_P(GoldenChatRequest, EncodesToItsBody) {
  const auto folder = ChatGoldens() / GetParam();
  auto request = FromText<inf::GenerateRequest>(ReadAll(folder / "request.txtpb"));
  const auto dialect = MakeDialect(QuirksOf(ReadAll(folder / "quirks.txt")));
  const Result<EncodedCall> encoded = EncodeCall(*dialect, request, "session-1");
  ASSERT_TRUE(encoded.ok()) << encoded.error().message;
  boost::json::error_code error;
  boost::json::parse(encoded->body, error);
  ASSERT_FALSE(error) << encoded->body;
  std::string golden = encoded->body + "\n";
  for (const std::string& name : encoded->ignored) golden += "ignored: " + name + "\n";
  for (const std::string& what : encoded->repaired) golden += "repaired: " + what + "\n";
  ExpectGolden(folder / "body.json", golden);
}

INSTANTIATE_TEST_SUITE_P(Chat, GoldenChatRequest, testing::ValuesIn(CasesIn(ChatGoldens(), "request.txtpb")),
                         [](const auto& info) { return info.param; });

// A family as its row describes it, and the model by which the simulated provider knows it.
struct Family {
  std::string name, model, quirks;
};

class EveryFamily : public testing::TestWithParam<Family> {};

// The sentence that this dialect exists for: what goes out, each host takes.
TEST_P(EveryFamily, TakesEveryConversation) {
  const bool blind = !sim::FindApiModel(GetParam().model)->vision;
  for (const std::string& golden : CasesIn(ChatGoldens(), "request.txtpb")) {
    auto request = FromText<inf::GenerateRequest>(ReadAll(ChatGoldens() / golden / "request.txtpb"));
    if (blind && golden == "request_media") continue;  // a picture for the blind is the client's mistake
    // Efforts are made to fit before.
    if (sim::FindApiModel(GetParam().model)->efforts.empty()) request.clear_reasoning();
    request.set_model(GetParam().model);
    const auto dialect = MakeDialect(QuirksOf(GetParam().quirks));
    const Result<EncodedCall> encoded = EncodeCall(*dialect, request, "session-1");
    ASSERT_TRUE(encoded.ok()) << encoded.error().message;
    const auto refusal = sim::ValidateChat(boost::json::parse(encoded->body));
    EXPECT_FALSE(refusal) << golden << ": " << refusal->body << "\n" << encoded->body;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Chat, EveryFamily,
    testing::Values(
        Family{
            "openai", "gpt-5.5",
            "max_completion_tokens developer_role many_system_messages strict_tools effort openai_fields custom_tools"},
        Family{"openai_old", "gpt-4.1", "many_system_messages strict_tools openai_fields custom_tools"},
        Family{"deepseek", "deepseek-v4-pro",
               "many_system_messages thinking_type effort reasoning_back no_tool_choice json_object_only"},
        Family{"groq", "openai/gpt-oss-120b", "many_system_messages effort no_names no_logprobs"},
        Family{"openrouter", "z-ai/glm-5.2", "many_system_messages strict_tools effort_object more_sampling"},
        Family{
            "mistral", "mistral-large-latest",
            "many_system_messages reasoning_as_text nine_character_ids no_stream_options random_seed tool_choice_any "
            "no_logprobs"},
        Family{"unknown", "qwen3.5-coder", "no_logprobs"}),
    [](const auto& info) { return info.param.name; });

TEST(ChatRequestEncoder, NamesThePieceThatIsNoJson) {
  const auto request = FromText<inf::GenerateRequest>(R"pb(tools { function { name: "f" parameters_json: "[" } })pb");
  const auto encoded = EncodeRequest(request, {}, "");
  ASSERT_FALSE(encoded.ok());
  EXPECT_EQ(encoded.error().where, "tools.f.parameters");
  EXPECT_EQ(encoded.error().origin, Origin::kClient);
}

TEST(ChatRequestEncoder, PassesOnWhatItsOwnClientsAloneSay) {
  const EncodedRequest encoded = EncodeChat(R"pb(opaque { dialect: "openai_chat" type: "prediction" json: "{\"a\":1}" }
                                                 opaque { dialect: "anthropic" type: "thinking" json: "{}" })pb",
                                            "");
  EXPECT_THAT(encoded.body, HasSubstr(R"("prediction":{"a":1})"));
  EXPECT_THAT(encoded.ignored, ElementsAre("thinking"));
}

TEST(ChatRequestEncoder, SaysTheSessionWhereAKeyOfTheCacheIsKnown) {
  EXPECT_THAT(EncodeChat("", "openai_fields").body, HasSubstr(R"("prompt_cache_key":"session-1")"));
  const EncodedRequest elsewhere = EncodeChat("", "");
  EXPECT_THAT(elsewhere.body, testing::Not(HasSubstr("session-1")));
  EXPECT_THAT(elsewhere.ignored, IsEmpty());
}

}  // namespace
}  // namespace patchbay::upstream::openai_chat
