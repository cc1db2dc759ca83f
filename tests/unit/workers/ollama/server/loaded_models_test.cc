#include "workers/ollama/server/loaded_models.h"

#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

constexpr WallTime kThen{std::chrono::milliseconds(1'000'000)};

gateway::v1::ListModelsReply Both() {
  gateway::v1::ListModelsReply models;
  models.add_models()->set_id("a");
  models.add_models()->set_id("b");
  return models;
}

TEST(LoadedModels, ForgetWhatIsOver) {
  LoadedModels loaded;
  loaded.Touch("a", std::chrono::seconds(5), kThen);
  loaded.Touch("b:latest", KeepAlive(-1), kThen);
  const auto both = Both();
  EXPECT_EQ(loaded.List(both, kThen).size(), 2u);
  EXPECT_EQ(loaded.List(both, kThen + std::chrono::seconds(5)).size(), 1u);
}

TEST(LoadedModels, UnloadByEitherName) {
  LoadedModels loaded;
  loaded.Touch("a:latest", std::chrono::seconds(5), kThen);
  loaded.Touch("a", KeepAlive::zero(), kThen);
  EXPECT_TRUE(loaded.List(Both(), kThen).empty());
}

TEST(LoadedModels, ListOnlyWhatTheGatewayHas) {
  LoadedModels loaded;
  loaded.Touch("gone", std::chrono::seconds(5), kThen);
  EXPECT_TRUE(loaded.List(Both(), kThen).empty());
}

TEST(LoadedModels, AreBounded) {
  LoadedModels loaded;
  gateway::v1::ListModelsReply models;
  for (std::size_t i = 0; i < LoadedModels::kModelsMax + 10; ++i) {
    const std::string name = "m" + std::to_string(i);
    models.add_models()->set_id(name);
    loaded.Touch(name, std::chrono::seconds(5 + i), kThen);
  }
  EXPECT_EQ(loaded.List(models, kThen).size(), LoadedModels::kModelsMax);
}

}  // namespace
}  // namespace patchbay::ollama
