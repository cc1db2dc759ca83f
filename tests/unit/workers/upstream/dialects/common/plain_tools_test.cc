#include "workers/upstream/dialects/common/plain_tools.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr RequestLimits kFunctionsOnly = {.custom_tools = false, .namespaces = false};

constexpr const char* kTools = R"pb(
  tools { function { name: "ls" } }
  tools { custom { name: "patch" description: "Edits." grammar_syntax: "lark" grammar_definition: "start: /.+/" } }
  tools {
    namespace {
      name: "mcp__git"
      description: "Tools for git."
      tools { function { name: "log" description: "Tells." } }
      tools { custom { name: "raw" } }
    }
  }
  tools { web_search {} }
  tool_choice {
    mode: MODE_ONE
    tool { kind: TOOL_KIND_CUSTOM name: "patch" }
  }
  items { tool_call { kind: TOOL_KIND_CUSTOM call_id: "c1" name: "patch" input: "*** \"Begin\"" } }
  items {
    tool_result {
      kind: TOOL_KIND_CUSTOM
      call_id: "c1"
      parts { text: "ok" }
    }
  }
  items { tool_call { kind: TOOL_KIND_FUNCTION call_id: "c2" name: "log" namespace: "mcp__git" input: "{}" } }
  items { tool_call { kind: TOOL_KIND_FUNCTION call_id: "c3" name: "gone" namespace: "mcp__git" input: "{}" } }
)pb";

struct Plain {
  inf::GenerateRequest request;
  AnswerPlan plan;
  FitNotes notes;
};

Plain MadePlain(const std::string& text, const RequestLimits& limits = kFunctionsOnly) {
  Plain plain{.request = Parsed<inf::GenerateRequest>(text)};
  FitToolKinds(plain.request, limits, plain.plan, plain.notes);
  return plain;
}

TEST(PlainTools, AreFunctionsWithOneMemberOfText) {
  const auto [request, plan, notes] = MadePlain(kTools);
  ASSERT_EQ(request.tools_size(), 5);
  const inf::FunctionTool& patch = request.tools(1).function();
  EXPECT_EQ(patch.name(), "patch");
  EXPECT_EQ(patch.description(), "Edits.\n\nThe input must match this lark grammar:\nstart: /.+/");
  EXPECT_THAT(patch.parameters_json(), HasSubstr(R"("required":["input"])"));
  EXPECT_EQ(request.tool_choice().tool().kind(), inf::TOOL_KIND_FUNCTION);
  EXPECT_EQ(request.items(0).tool_call().kind(), inf::TOOL_KIND_FUNCTION);
  EXPECT_EQ(request.items(0).tool_call().input(), R"({"input":"*** \"Begin\""})");
  EXPECT_EQ(request.items(1).tool_result().kind(), inf::TOOL_KIND_FUNCTION);
  EXPECT_THAT(plan.free_text_tools, ElementsAre("mcp__git__raw", "patch"));
  EXPECT_THAT(notes.repaired, ElementsAre("tool_grammar:patch")) << "nobody holds the model to it";
}

TEST(PlainTools, AreCalledByOneNameOutOfTheirNamespace) {
  const auto [request, plan, notes] = MadePlain(kTools);
  EXPECT_EQ(request.tools(2).function().name(), "mcp__git__log");
  EXPECT_EQ(request.tools(2).function().description(), "Tells.\n\nTools for git.");
  EXPECT_EQ(request.tools(3).function().name(), "mcp__git__raw");
  EXPECT_TRUE(request.tools(4).has_web_search());
  EXPECT_EQ(request.items(2).tool_call().name(), "mcp__git__log");
  EXPECT_EQ(request.items(2).tool_call().namespace_(), "");
  EXPECT_EQ(request.items(3).tool_call().name(), "mcp__git__gone") << "of a tool that is not offered any more";
}

TEST(PlainTools, StandAloneOutOfTheNamespaceOfThoseThatAreInNone) {
  const auto plain = MadePlain(R"pb(tools {
                                      namespace {
                                        name: "functions"
                                        tools { custom { name: "exec" } }
                                      }
                                    })pb");
  EXPECT_EQ(plain.request.tools(0).function().name(), "exec");
  EXPECT_EQ(plain.plan.namespaced.at("exec").space, "functions");
}

TEST(PlainTools, KeepTwoNamesApart) {
  const auto plain = MadePlain(R"pb(
    tools { function { name: "a__b" } }
    tools {
      namespace {
        name: "a"
        tools { function { name: "b" } }
      }
    }
    items { tool_call { kind: TOOL_KIND_FUNCTION name: "b" namespace: "a" } }
  )pb");
  EXPECT_EQ(plain.request.tools(0).function().name(), "a__b");
  EXPECT_EQ(plain.request.tools(1).function().name(), "a__b_");
  EXPECT_EQ(plain.request.items(0).tool_call().name(), "a__b_");
}

TEST(PlainTools, AreOfferedOnceHoweverOftenTheyWereFound) {
  const std::string group = R"(tools { namespace { name: "a" tools { function { name: "b" } } } })";
  const auto plain = MadePlain(group + group);
  ASSERT_EQ(plain.request.tools_size(), 1);
  EXPECT_EQ(plain.request.tools(0).function().name(), "a__b");
}

TEST(PlainTools, AreChosenByTheirOwnName) {
  const auto plain = MadePlain(R"pb(
    tools { function { name: "ls" } }
    tools {
      namespace {
        name: "git"
        tools { function { name: "log" } }
        tools { function { name: "ls" } }
      }
    }
    tool_choice {
      mode: MODE_ALLOWED
      allowed { kind: TOOL_KIND_FUNCTION name: "log" }
      allowed { kind: TOOL_KIND_FUNCTION name: "ls" }
    }
  )pb");
  EXPECT_EQ(plain.request.tool_choice().allowed(0).name(), "git__log");
  EXPECT_EQ(plain.request.tool_choice().allowed(1).name(), "ls") << "that which is in no namespace";
}

TEST(PlainTools, StayWhatTheyAreWhereTheProviderKnowsThem) {
  const auto plain = MadePlain(kTools, {});
  EXPECT_EQ(InOneLine(plain.request), InOneLine(Parsed<inf::GenerateRequest>(kTools)));
  EXPECT_TRUE(plain.plan.empty());
  EXPECT_THAT(plain.notes.repaired, IsEmpty());
}

TEST(PlainTools, AreOfFreeTextOutOfTheirNamespaceToo) {
  const auto plain = MadePlain(kTools, {.namespaces = false});
  EXPECT_EQ(plain.request.tools(3).custom().name(), "mcp__git__raw");
  EXPECT_EQ(plain.request.items(0).tool_call().kind(), inf::TOOL_KIND_CUSTOM);
  EXPECT_EQ(plain.request.tool_choice().tool().kind(), inf::TOOL_KIND_CUSTOM);
  EXPECT_TRUE(plain.plan.free_text_tools.empty());
}

}  // namespace
}  // namespace patchbay::upstream
