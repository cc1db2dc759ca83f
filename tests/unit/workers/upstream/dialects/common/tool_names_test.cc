#include "workers/upstream/dialects/common/tool_names.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"
#include "workers/upstream/dialects/common/identifiers.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr IdentifierRule kNames{.alphabet = Alphabet::kWord, .bytes_max = 64};
const std::string kFitted = MadeToFit("get.weather", kNames);

TEST(ToolNames, LeavesAcceptableOnesAlone) {
  const auto before = Parsed<inference::v1::GenerateRequest>(R"pb(
    tools { function { name: "get-weather" } }
    tools { web_search {} }
    tool_choice { mode: MODE_AUTO }
    items { tool_call { call_id: "c" name: "get-weather" } }
  )pb");
  auto request = before;
  AnswerPlan plan;
  FitToolNames(request, kNames, plan);
  EXPECT_EQ(InOneLine(request), InOneLine(before));
  EXPECT_TRUE(plan.empty());
}

TEST(ToolNames, FitsThemWhereverTheyStand) {
  auto request = Parsed<inference::v1::GenerateRequest>(R"pb(
    tools { function { name: "get.weather" description: "Looks out." } }
    tools { custom { name: "get.weather" } }
    tools {
      namespace {
        name: "get.weather"
        tools { function { name: "get.weather" } }
      }
    }
    tool_choice {
      tool { name: "get.weather" }
      allowed { name: "get.weather" }
      allowed { name: "plain" }
    }
    items { tool_call { call_id: "c" name: "get.weather" namespace: "get.weather" } }
  )pb");
  AnswerPlan plan;
  FitToolNames(request, kNames, plan);
  EXPECT_THAT(plan.tool_names, ElementsAre(Pair(kFitted, "get.weather")));
  EXPECT_EQ(request.tools(0).function().name(), kFitted);
  EXPECT_EQ(request.tools(0).function().description(), "Looks out.\n\nIts full name is get.weather.")
      << "so that the model knows what the conversation speaks of";
  EXPECT_EQ(request.tools(1).custom().name(), kFitted);
  EXPECT_EQ(request.tools(1).custom().description(), "Its full name is get.weather.");
  EXPECT_EQ(request.tools(2).namespace_().name(), kFitted);
  EXPECT_EQ(request.tools(2).namespace_().tools(0).function().name(), kFitted);
  EXPECT_EQ(request.tool_choice().tool().name(), kFitted);
  EXPECT_EQ(request.tool_choice().allowed(0).name(), kFitted);
  EXPECT_EQ(request.tool_choice().allowed(1).name(), "plain");
  EXPECT_EQ(request.items(0).tool_call().name(), kFitted);
  EXPECT_EQ(request.items(0).tool_call().namespace_(), kFitted);
}

}  // namespace
}  // namespace patchbay::upstream
