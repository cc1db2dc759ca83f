#include "workers/upstream/dialects/common/plain_calls.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;

AnswerPlan PlanOfTools() {
  AnswerPlan plan;
  plan.tool_names = {{"mcp__g_12", "mcp__git__raw"}};
  plan.free_text_tools = {"patch", "mcp__git__raw"};
  plan.namespaced = {{"mcp__git__log", {"mcp__git", "log"}}, {"mcp__git__raw", {"mcp__git", "raw"}}};
  return plan;
}

std::string Began(const std::string& name) {
  return R"(item_began { item { tool_call { kind: TOOL_KIND_FUNCTION name: ")" + name + R"(" } } })";
}

TEST(PlainCalls, TellTheTextAsItGrows) {
  EXPECT_THAT(
      RestoredBy(
          PlanOfTools(),
          {Began("patch"), R"(tool_input_delta { text: "{\"inp" })", R"(tool_input_delta { text: "ut\": \"a\\" })",
           R"(tool_input_delta { text: "nb" })", R"(tool_input_delta { text: "\"}" })",
           R"(item_done { item { tool_call { kind: TOOL_KIND_FUNCTION name: "patch" input: "{\"input\": \"a\\nb\"}" } } })"}),
      ElementsAre(R"(item_began { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" } } })",
                  R"(tool_input_delta { text: "a" })", R"(tool_input_delta { text: "\nb" })",
                  R"(item_done { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" input: "a\nb" } } })"));
}

TEST(PlainCalls, TellWhatOnlyTheWholeCallSays) {
  const auto done = [](const std::string& input) {
    return R"(item_done { item { tool_call { kind: TOOL_KIND_FUNCTION name: "patch" input: ")" + input + R"(" } } })";
  };
  EXPECT_THAT(RestoredBy(PlanOfTools(), {done(R"({\"input\":\"a\"})")}),
              ElementsAre(R"(tool_input_delta { text: "a" })",
                          R"(item_done { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" input: "a" } } })"));
  EXPECT_THAT(
      RestoredBy(PlanOfTools(), {Began("patch"), R"(tool_input_delta { text: "*** x" })", done("*** x")}),
      ElementsAre(R"(item_began { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" } } })",
                  R"(tool_input_delta { text: "*** x" })",
                  R"(item_done { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" input: "*** x" } } })"))
      << "a strange text rather than none";
  EXPECT_THAT(RestoredBy(PlanOfTools(), {done("{}")}),
              ElementsAre(R"(item_done { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" } } })"));
}

TEST(PlainCalls, KeepWhatWasToldOfACallThatIsCut) {
  EXPECT_THAT(
      RestoredBy(
          PlanOfTools(),
          {Began("patch"), R"(tool_input_delta { text: "{\"input\":\"ab" })",
           R"(item_done { item { tool_call { kind: TOOL_KIND_FUNCTION name: "patch" input: "{\"input\":\"ab" } } })"}),
      ElementsAre(R"(item_began { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" } } })",
                  R"(tool_input_delta { text: "ab" })",
                  R"(item_done { item { tool_call { kind: TOOL_KIND_CUSTOM name: "patch" input: "ab" } } })"));
}

TEST(PlainCalls, StandInTheirNamespacesAgain) {
  EXPECT_THAT(
      RestoredBy(
          PlanOfTools(),
          {R"(item_began { index: 1 item { tool_call { kind: TOOL_KIND_FUNCTION name: "mcp__git__log" } } })",
           R"(item_began { index: 2 item { tool_call { kind: TOOL_KIND_FUNCTION name: "mcp__g_12" } } })",
           R"(tool_input_delta { index: 1 text: "{}" })", R"(tool_input_delta { index: 2 text: "{\"input\":\"x" })",
           R"(item_done { index: 1 item { tool_call { kind: TOOL_KIND_FUNCTION name: "mcp__git__log" input: "{}" } } })",
           R"(item_done { index: 3 item { tool_call { kind: TOOL_KIND_FUNCTION name: "ls" input: "{}" } } })"}),
      ElementsAre(
          R"(item_began { index: 1 item { tool_call { kind: TOOL_KIND_FUNCTION name: "log" namespace: "mcp__git" } } })",
          R"(item_began { index: 2 item { tool_call { kind: TOOL_KIND_CUSTOM name: "raw" namespace: "mcp__git" } } })",
          R"(tool_input_delta { index: 1 text: "{}" })", R"(tool_input_delta { index: 2 text: "x" })",
          R"(item_done { index: 1 item { tool_call { kind: TOOL_KIND_FUNCTION name: "log" namespace: "mcp__git" input: "{}" } } })",
          R"(item_done { index: 3 item { tool_call { kind: TOOL_KIND_FUNCTION name: "ls" input: "{}" } } })"));
}

TEST(PlainCalls, SayNothingBehindAStop) {
  AnswerPlan plan = PlanOfTools();
  plan.stops = {"STOP"};
  EXPECT_THAT(
      RestoredBy(
          std::move(plan),
          {R"(text_delta { text: "STOP" })",
           R"(item_began { index: 1 item { tool_call { kind: TOOL_KIND_FUNCTION name: "patch" } } })",
           R"(item_done { index: 1 item { tool_call { kind: TOOL_KIND_FUNCTION name: "patch" input: "{\"input\":\"a\"}" } } })",
           "finished { reason: FINISH_REASON_TOOL_CALLS }"}),
      ElementsAre(R"(finished { reason: FINISH_REASON_STOP stop_sequence: "STOP" })"));
}

}  // namespace
}  // namespace patchbay::upstream
