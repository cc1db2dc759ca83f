#include "workers/accounts/providers/openai/models_reply.h"

#include <gmock/gmock.h>

#include "workers/accounts/providers/models_reply.h"

namespace patchbay::accounts {
namespace {

using ::testing::SizeIs;

std::vector<Model> ReadData(const std::string& data) {
  auto models = ReadOpenAiModels("mine", R"({"object":"list","data":)" + data + "}");
  EXPECT_TRUE(models.ok()) << models.error().message;
  return models.ok() ? std::move(*models) : std::vector<Model>();
}

TEST(OpenAiModels, LeaveOpenWhatNobodyTells) {
  const auto models = ReadData(R"([{"id":"gpt-6","object":"model","created":1776729600,"owned_by":"openai"}])");
  ASSERT_THAT(models, SizeIs(1));
  EXPECT_EQ(models[0].id, "gpt-6");
  EXPECT_EQ(models[0].provider, "mine");
  EXPECT_EQ(models[0].created_at, 1776729600);
  EXPECT_FALSE(models[0].vision.has_value());
  EXPECT_FALSE(models[0].tools.has_value());
  EXPECT_EQ(models[0].context_window, 0);
  EXPECT_TRUE(models[0].live());
  EXPECT_EQ(models[0].entry, "") << "no form that another provider's client reads";
}

TEST(OpenAiModels, TellWhatEachProviderAdds) {
  const auto models = ReadData(R"([
    {"id":"or","name":"Vendor: Model","context_length":1000,"architecture":{"input_modalities":["text","image"]},
     "supported_parameters":["tools","seed"],"top_provider":{"max_completion_tokens":77}},
    {"id":"or-text","architecture":{"input_modalities":["text"]},"supported_parameters":["seed"]},
    {"id":"groq","context_window":2000,"max_completion_tokens":88,"active":true},
    {"id":"groq-off","active":false},
    {"id":"mistral","max_context_length":3000,"capabilities":{"vision":false,"function_calling":true}},
    {"id":"vllm","max_model_len":4000}])");
  ASSERT_THAT(models, SizeIs(5)) << "what is off is left out";
  EXPECT_EQ(models[0].display_name, "Vendor: Model");
  EXPECT_EQ(models[0].context_window, 1000);
  EXPECT_EQ(models[0].max_output, 77);
  EXPECT_EQ(models[0].vision, true);
  EXPECT_EQ(models[0].tools, true);
  EXPECT_EQ(models[1].vision, false);
  EXPECT_EQ(models[1].tools, false);
  EXPECT_EQ(models[2].context_window, 2000);
  EXPECT_EQ(models[2].max_output, 88);
  EXPECT_EQ(models[3].context_window, 3000);
  EXPECT_EQ(models[3].vision, false);
  EXPECT_EQ(models[3].tools, true);
  EXPECT_EQ(models[4].context_window, 4000);
}

TEST(OpenAiModels, MayBeABareList) {
  const auto models = ReadOpenAiModels("mine", R"([{"id":"a"},{"id":"b"},{"id":"a"}])");
  ASSERT_TRUE(models.ok());
  EXPECT_THAT(*models, SizeIs(2)) << "each once";
}

TEST(OpenAiModels, ThatAreNoListEmptyNothing) {
  for (const char* body : {"", "{}", "[]", "<html>", R"({"data":{}})", R"({"data":[]})", R"({"data":[{"id":""}]})",
                           R"({"data":[{"id":"a b"},{"id":7},5,null]})", R"({"error":{"message":"no"}})"}) {
    EXPECT_FALSE(ReadOpenAiModels("mine", body).ok()) << body;
  }
}

TEST(OpenAiModels, AreNoMoreThanAListHas) {
  std::string data = "[";
  for (int i = 0; i < 600; ++i) data += (i == 0 ? "" : ",") + std::string(R"({"id":"m)") + std::to_string(i) + "\"}";
  EXPECT_THAT(ReadData(data + "]"), SizeIs(kMaxModelsOfAPlan));
}

}  // namespace
}  // namespace patchbay::accounts
