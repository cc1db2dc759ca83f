#include "workers/accounts/catalog/models.h"

#include <gtest/gtest.h>

#include <set>

namespace patchbay::accounts {
namespace {

TEST(RouteModel, KnowsEveryListedModelOnce) {
  std::set<std::string_view> ids;
  for (const Model& model : KnownModels()) {
    EXPECT_TRUE(ids.insert(model.id).second) << model.id;
    ASSERT_TRUE(RouteModel(model.id));
    EXPECT_EQ(RouteModel(model.id)->provider, model.provider);
  }
}

TEST(RouteModel, LetsTheProviderJudgeNewNamesOfItsKind) {
  EXPECT_EQ(RouteModel("gpt-9-ultra")->wire_model, "gpt-9-ultra");
  EXPECT_EQ(RouteModel("codex-next")->provider, "codex");
}

TEST(RouteModel, KnowsNoOtherNames) {
  for (const std::string& name : {std::string(), std::string("claude-4"), std::string("gpt-"), std::string("GPT-5.5"),
                                  std::string("gpt-5 5"), std::string("gpt-\n"), "gpt-" + std::string(200, 'x')}) {
    EXPECT_FALSE(RouteModel(name)) << name;
  }
}

}  // namespace
}  // namespace patchbay::accounts
