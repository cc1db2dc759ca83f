#include "workers/frontend/models/details.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend {
namespace {

namespace json = boost::json;
using testing_models::Models;
using testing_models::Parsed;

TEST(ModelDetails, SaysWhereAModelComesFrom) {
  const json::value all = Parsed(ModelCatalogDetails(Models()));
  EXPECT_EQ(all.at(0).at("source"), "live");
  EXPECT_EQ(all.at(0).at("plans").at(0), "plus");
  EXPECT_EQ(all.at(1).at("hidden"), true);
  EXPECT_EQ(all.at(2).at("source"), "alias");
  EXPECT_EQ(all.at(2).at("alias_of"), "gpt-5.5");
  EXPECT_EQ(all.at(3).at("source"), "shipped");
  EXPECT_EQ(all.at(0), Parsed(ModelDetails(Models().models(0))));
}

}  // namespace
}  // namespace patchbay::frontend
