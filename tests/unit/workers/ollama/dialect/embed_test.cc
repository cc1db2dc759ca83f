#include "workers/ollama/dialect/embed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DecodeEmbed, TakesOneTextOrSeveral) {
  EXPECT_THAT(DecodeEmbed(R"({"model":"m","input":"a"})")->call.inputs(), ElementsAre("a"));
  EXPECT_THAT(DecodeEmbed(R"({"model":"m","input":["a","b"]})")->call.inputs(), ElementsAre("a", "b"));
  EXPECT_THAT(DecodeEmbed(R"({"model":"m"})")->call.inputs(), IsEmpty());
  EXPECT_THAT(DecodeEmbed(R"({"model":"m","input":""})")->call.inputs(), IsEmpty());
}

TEST(DecodeEmbed, RefusesOtherInputs) {
  EXPECT_EQ(DecodeEmbed(R"({"model":"m","input":5})").error().message, "input: invalid input type");
  EXPECT_EQ(DecodeEmbed(R"({"model":"m","input":["a",5]})").error().message, "input[1]: invalid input type");
  EXPECT_EQ(DecodeEmbed(R"({"model":"m","input":["a",""]})").error().message, "input[1]: an input is empty");
  EXPECT_EQ(DecodeEmbed(R"({"input":"a"})").error().message, "model is required");
  EXPECT_EQ(DecodeEmbed(R"({"model":"m","dimensions":-1})").error().message, "dimensions: expected a whole number");
}

TEST(DecodeEmbed, NamesOptionsThatChangeNothing) {
  EXPECT_THAT(DecodeEmbed(R"({"model":"m","input":"a","options":{"num_ctx":1}})")->ignored,
              ElementsAre("options.num_ctx"));
}

TEST(DecodeEmbeddings, TakesAPrompt) {
  EXPECT_THAT(DecodeEmbeddings(R"({"model":"m","prompt":"a"})")->call.inputs(), ElementsAre("a"));
}

TEST(EncodeEmbed, WritesFloatsAsShortAsTheyAre) {
  gateway::v1::EmbedReply reply;
  auto& values = *reply.add_embeddings()->mutable_values();
  values.Add(0.1f);
  values.Add(-2);
  reply.mutable_usage()->set_input_tokens(3);
  EXPECT_EQ(EncodeEmbed("m", reply, std::chrono::nanoseconds(9), std::chrono::nanoseconds(4)),
            R"({"model":"m","embeddings":[[0.1,-2]],"total_duration":9,"load_duration":4,"prompt_eval_count":3})");
  EXPECT_EQ(EncodeEmbeddings(reply), R"({"embedding":[0.1,-2]})");
  EXPECT_EQ(EncodeEmbeddings({}), R"({"embedding":[]})");
}

}  // namespace
}  // namespace patchbay::ollama
