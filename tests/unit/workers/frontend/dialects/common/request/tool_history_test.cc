#include "workers/frontend/dialects/common/request/tool_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;

class ToolHistoryOf : public ::testing::Test {
 protected:
  void Call(const std::string& id) {
    inference::v1::ToolCall call;
    call.set_kind(inference::v1::TOOL_KIND_FUNCTION);
    call.set_call_id(id);
    history_.AddCall(std::move(call));
  }
  void Answer(const std::string& id, const std::string& text) {
    ToolHistory::Parts parts;
    parts.Add()->set_text(text);
    history_.AddResult(id, std::move(parts));
  }
  void Say(const std::string& text) { items_.Add()->mutable_message()->add_parts()->set_text(text); }

  // "call a", "result a: text", "message: text"
  std::vector<std::string> Items() {
    history_.Finish();
    std::vector<std::string> lines;
    for (const auto& item : items_) {
      if (item.has_tool_call()) lines.push_back("call " + item.tool_call().call_id());
      if (item.has_tool_result()) {
        lines.push_back("result " + item.tool_result().call_id() + ": " + item.tool_result().parts(0).text());
      }
      if (item.has_message()) lines.push_back("message: " + item.message().parts(0).text());
    }
    return lines;
  }

  ToolHistory::Items items_;
  std::vector<std::string> repaired_;
  ToolHistory history_{items_, repaired_};
};

TEST_F(ToolHistoryOf, PairsIsLeftAlone) {
  Call("a");
  Call("b");
  Answer("b", "2");
  Answer("a", "1");
  EXPECT_THAT(Items(), ElementsAre("call a", "call b", "result b: 2", "result a: 1"));
  EXPECT_THAT(repaired_, ElementsAre());
}

TEST_F(ToolHistoryOf, CallsOfOneTurnMayHaveOneId) {
  Call("a");
  Call("a");
  Answer("a", "1");
  Answer("a", "2");
  Say("next");
  Call("a");
  Answer("a", "3");
  EXPECT_THAT(Items(),
              ElementsAre("call a", "call a", "result a: 1", "result a: 2", "message: next", "call a", "result a: 3"));
  EXPECT_THAT(repaired_, ElementsAre());
}

TEST_F(ToolHistoryOf, ACallWithoutAResultGetsOneBeforeTheTalkGoesOn) {
  Call("a");
  Call("b");
  Answer("a", "1");
  Say("next");
  EXPECT_THAT(Items(), ElementsAre("call a", "call b", "result a: 1", "result b: aborted", "message: next"));
  EXPECT_THAT(repaired_, ElementsAre("call_without_result:b"));
}

TEST_F(ToolHistoryOf, AResultWithoutACallBecomesAMessage) {
  Answer("a", "1");
  EXPECT_THAT(Items(), ElementsAre("message: Result of an earlier tool call (a):"));
  EXPECT_EQ(items_[0].message().parts(1).text(), "1");
  EXPECT_THAT(repaired_, ElementsAre("result_without_call:a"));
}

TEST_F(ToolHistoryOf, AResultThatIsSentAgainIsLeftOut) {
  Call("a");
  Call("b");
  Answer("a", "1");
  Answer("b", "2");
  Answer("a", "1");
  Answer("b", "2");
  EXPECT_THAT(Items(), ElementsAre("call a", "call b", "result a: 1", "result b: 2"));
  EXPECT_THAT(repaired_, ElementsAre("repeated_result:a", "repeated_result:b"));
}

TEST_F(ToolHistoryOf, AnotherResultOfTheSameCallIsStillTold) {
  Call("a");
  Answer("a", "1");
  Answer("a", "2");
  EXPECT_THAT(Items(), ElementsAre("call a", "result a: 1", "message: Result of an earlier tool call (a):"));
  EXPECT_THAT(repaired_, ElementsAre("result_without_call:a"));
}

TEST_F(ToolHistoryOf, ASecondCallOfTheSameIdMayHaveTheSameResult) {
  for (int i = 0; i < 2; ++i) {
    Call("a");
    Answer("a", "1");
  }
  EXPECT_THAT(Items(), ElementsAre("call a", "result a: 1", "call a", "result a: 1"));
  EXPECT_THAT(repaired_, ElementsAre());
}

TEST_F(ToolHistoryOf, TheSameIdTwiceIsTwoCalls) {
  Call("a");
  Call("a");
  Answer("a", "1");
  EXPECT_THAT(Items(), ElementsAre("call a", "call a", "result a: 1", "result a: aborted"));
  EXPECT_THAT(repaired_, ElementsAre("call_without_result:a"));
}

}  // namespace
}  // namespace patchbay::frontend
