#include "workers/frontend/dialects/gemini/model_list.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend::gemini {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using testing_models::Ids;
using testing_models::Models;
using testing_models::Parsed;

TEST(GeminiModelList, IsReadPageByPage) {
  const auto page = [](std::string_view query) { return Parsed(*EncodeModelList(Models(), query)); };
  EXPECT_THAT(Ids(page("").at("models"), "name"), ElementsAre("models/gpt-5.5", "models/mine", "models/other"));
  EXPECT_FALSE(page("").as_object().contains("nextPageToken"));
  const json::value first = page("pageSize=2");
  EXPECT_THAT(Ids(first.at("models"), "name"), ElementsAre("models/gpt-5.5", "models/mine"));
  const json::value second = page("pageSize=2&pageToken=" + std::string(first.at("nextPageToken").as_string()));
  EXPECT_THAT(Ids(second.at("models"), "name"), ElementsAre("models/other"));
  EXPECT_FALSE(second.as_object().contains("nextPageToken"));
  for (const char* query : {"pageSize=x", "pageSize=-1", "pageToken=unheard-of", "pageToken=hidden"}) {
    EXPECT_FALSE(EncodeModelList(Models(), query).ok()) << query;
  }
}

}  // namespace
}  // namespace patchbay::frontend::gemini
