#include "workers/frontend/dialects/openai_responses/translated/event_encoder.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/dialects/openai_responses/streams_testing.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

TEST(TranslatedEventEncoder, RefusesWhatCannotHappen) {
  inference::v1::GenerateEvent text, started, finished;
  text.mutable_text_delta()->set_text("x");
  started.mutable_started();
  finished.mutable_finished();
  std::string out;
  EventEncoder encoder({ResponseObject("r", "m", 0, {}), "u", false});
  EXPECT_FALSE(encoder.Encode(text, out).ok()) << "before the start";
  EXPECT_TRUE(encoder.Encode(started, out).ok());
  EXPECT_FALSE(encoder.Encode(started, out).ok()) << "a second start";
  EXPECT_TRUE(encoder.Encode(finished, out).ok());
  const std::size_t size = out.size();
  EXPECT_FALSE(encoder.Encode(text, out).ok()) << "after the end";
  encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "cut"), out);
  EXPECT_EQ(out.size(), size) << "a second end";
}

TEST(TranslatedEventEncoder, TellsReasoningSoThatItComesBackAsItWas) {
  inference::v1::GenerateEvent started, done;
  started.mutable_started();
  auto& reasoning = *done.mutable_item_done()->mutable_item()->mutable_reasoning();
  reasoning.set_text("Let me see.");
  reasoning.set_signature("sig");
  reasoning.set_sealed_by("deepseek");
  std::string out;
  EventEncoder encoder({ResponseObject("r", "m", 0, {}), "u", false});
  ASSERT_TRUE(encoder.Encode(started, out).ok());
  ASSERT_TRUE(encoder.Encode(done, out).ok());
  const boost::json::value item = EventsIn(out).back().at("item");
  const std::string body = R"({"model":"m","input":[)" + boost::json::serialize(item) + "]}";
  const auto decoded = DecodeRequest({body, {}, {}});
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->request.items_size(), 1);
  EXPECT_EQ(decoded->request.items(0).reasoning().SerializeAsString(), reasoning.SerializeAsString());
}

TEST(TranslatedEventEncoder, TellsARefusalAsTextToAClientThatKnowsNone) {
  inference::v1::GenerateEvent started, refusal;
  started.mutable_started();
  refusal.mutable_item_done()->mutable_item()->mutable_message()->add_parts()->set_refusal("No.");
  for (const bool as_text : {false, true}) {
    std::string out;
    EventEncoder encoder({ResponseObject("r", "m", 0, {}), "u", as_text});
    ASSERT_TRUE(encoder.Encode(started, out).ok());
    ASSERT_TRUE(encoder.Encode(refusal, out).ok());
    const boost::json::value part = EventsIn(out).back().at("item").at("content").at(0);
    EXPECT_EQ(wire::FindString(part, "type"), as_text ? "output_text" : "refusal");
    EXPECT_EQ(wire::FindString(part, as_text ? "text" : "refusal"), "No.");
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::translated
