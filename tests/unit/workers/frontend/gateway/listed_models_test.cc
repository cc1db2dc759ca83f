#include "workers/frontend/gateway/listed_models.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;

class ListedModelsTest : public ::testing::Test {
 protected:
  std::vector<std::string> Ids(const ClientKey& key) {
    accounts::v1::ListModelsReply models;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"pb(models { id: "chat" provider: "a" max_output: 9 owner: "o" vision: true }
             models { id: "secret" provider: "a" hidden: true }
             models { id: "vectors" provider: "b" hidden: true embeddings: true vision: true tools: true })pb",
        &models));
    reply_ = ListedModels(models, key);
    std::vector<std::string> ids;
    for (const auto& model : reply_.models()) ids.push_back(model.id());
    return ids;
  }
  gateway::v1::ListModelsReply reply_;
};

TEST_F(ListedModelsTest, AreThoseForConversationsAndThoseForEmbeddings) {
  EXPECT_THAT(Ids({}), ElementsAre("chat", "vectors"));
  EXPECT_EQ(reply_.models(0).max_output(), 9);
  EXPECT_EQ(reply_.models(0).owner(), "o");
  EXPECT_TRUE(reply_.models(1).embeddings());
  EXPECT_FALSE(reply_.models(1).vision() || reply_.models(1).tools());
}

TEST_F(ListedModelsTest, AreThoseThatTheKeyAllows) {
  accounts::v1::KeyTerms terms;
  terms.add_providers("b");
  EXPECT_THAT(Ids({.id = "k", .terms = std::make_shared<const accounts::v1::KeyTerms>(terms)}), ElementsAre("vectors"));
}

}  // namespace
}  // namespace patchbay::frontend
