#include "workers/upstream/dialects/translation.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"
#include "workers/upstream/dialects/codex/dialect.h"
#include "workers/upstream/dialects/common/answer_restorer.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"

namespace patchbay::upstream {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const WallTime kWhen{std::chrono::seconds(1787390000)};

TEST(Translation, GoesOutAndBackThroughTheProvidersLimits) {
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    model: "m"
    tools { function { name: "get.weather" } }
    sampling { seed: 1 }
  )pb");
  const auto call = EncodeCall(codex::CodexDialect(), request, "");
  ASSERT_TRUE(call.ok()) << call.error().message;
  EXPECT_THAT(call->body, HasSubstr(R"("name":"get_weather_)"));
  EXPECT_THAT(call->ignored, ::testing::ElementsAre("seed"));
  ASSERT_NE(call->plan, nullptr);
  const std::string fitted = call->plan->tool_names.begin()->first;
  GenerateEvents events;
  const auto decoder = DecoderFor(codex::CodexDialect(), call->plan, kWhen);
  ASSERT_TRUE(decoder
                  ->Feed(R"(data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call",)"
                         R"("call_id":"c","arguments":"{}","name":")" +
                             fitted + "\"}}\n\n",
                         events)
                  .ok());
  ASSERT_EQ(events.size(), 4);
  EXPECT_EQ(events[1].item_began().item().tool_call().name(), "get.weather");
  EXPECT_EQ(events[3].item_done().item().tool_call().name(), "get.weather");
}

TEST(Translation, PutsNothingBehindADecoderWithoutAPlan) {
  const auto decoder = DecoderFor(codex::CodexDialect(), nullptr, kWhen);
  EXPECT_EQ(dynamic_cast<AnswerRestorer*>(decoder.get()), nullptr);
}

TEST(Translation, GoesByTheLimitsOfTheModel) {
  const auto dialect = openai_chat::MakeDialect({.nine_character_ids = true});
  const auto asked = [&](const std::string& model) {
    auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
      items { tool_call { call_id: "call_that_another_made" name: "f" } }
      items { tool_result { call_id: "call_that_another_made" } }
      sampling { stop: "END" }
    )pb");
    request.set_model(model);
    const auto call = EncodeCall(*dialect, request, "");
    EXPECT_TRUE(call.ok());
    EXPECT_EQ(request.items(0).tool_call().call_id().size(), 9u);
    EXPECT_EQ(request.items(0).tool_call().call_id(), request.items(1).tool_result().call_id());
    return *call;
  };
  EXPECT_THAT(asked("mistral-large").body, HasSubstr(R"("stop":["END"])"));
  const EncodedCall looked_for_here = asked("gpt-5.5");
  EXPECT_THAT(looked_for_here.body, Not(HasSubstr("END")));
  EXPECT_THAT(looked_for_here.plan->stops, ::testing::ElementsAre("END"));
}

TEST(Translation, BoundsWhatItTells) {
  auto request = Parsed<inference::v1::GenerateRequest>("model: 'm'");
  for (int i = 0; i < 1000; ++i) {
    auto& opaque = *request.add_opaque();
    opaque.set_dialect("odd");
    opaque.set_type("field_" + std::to_string(i));
  }
  const auto call = EncodeCall(codex::CodexDialect(), request, "");
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->ignored.size(), 64u);
}

}  // namespace
}  // namespace patchbay::upstream
