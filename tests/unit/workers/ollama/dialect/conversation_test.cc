#include "workers/ollama/dialect/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Told {
  inference::v1::GenerateRequest request;
  std::vector<std::string> repaired;
  Conversation conversation{request, repaired};

  void Result(std::string_view id, std::string_view tool, const char* text) {
    Conversation::Parts parts;
    parts.Add()->set_text(text);
    conversation.AddResult(id, tool, std::move(parts));
  }
  // "call a", "result a: text", "message: text"
  std::vector<std::string> Items() {
    conversation.Finish();
    std::vector<std::string> lines;
    for (const auto& item : request.items()) {
      if (item.has_tool_call()) lines.push_back("call " + item.tool_call().call_id());
      if (item.has_tool_result()) {
        lines.push_back("result " + item.tool_result().call_id() + ": " + item.tool_result().parts(0).text());
      }
      if (item.has_message()) lines.push_back("message: " + item.message().parts(0).text());
    }
    return lines;
  }
};

TEST(Conversation, PairsResultsById) {
  Told told;
  told.conversation.AddCall("a", "f", "{}");
  told.conversation.AddCall("b", "f", "{}");
  told.Result("b", "", "second");
  told.Result("a", "f", "first");
  EXPECT_THAT(told.Items(), ElementsAre("call a", "call b", "result b: second", "result a: first"));
  EXPECT_THAT(told.repaired, IsEmpty());
}

TEST(Conversation, PairsResultsByToolThenByOrder) {
  Told told;
  told.conversation.AddCall("", "f", "{}");
  told.conversation.AddCall("", "g", "{}");
  told.conversation.AddCall("", "f", "{}");
  told.Result("", "g", "of g");
  told.Result("", "", "of the oldest");
  told.Result("", "f", "of f");
  EXPECT_THAT(told.Items(), ElementsAre("call call_00000001", "call call_00000002", "call call_00000003",
                                        "result call_00000002: of g", "result call_00000001: of the oldest",
                                        "result call_00000003: of f"));
  EXPECT_THAT(told.repaired, IsEmpty());
}

TEST(Conversation, AnswersCallsThatNobodyAnswered) {
  Told told;
  told.conversation.AddCall("a", "f", "{}");
  EXPECT_THAT(told.Items(), ElementsAre("call a", "result a: aborted"));
  EXPECT_THAT(told.repaired, ElementsAre("call_without_result"));
}

TEST(Conversation, MakesAMessageOfAResultWithoutACall) {
  Told told;
  told.Result("x", "f", "late");
  EXPECT_THAT(told.Items(), ElementsAre("message: late"));
  EXPECT_THAT(told.repaired, ElementsAre("result_without_call"));
}

TEST(Conversation, PairsParallelResultsWhateverOneOfThemNames) {
  Told told;
  told.conversation.AddCall("a", "f", "{}");
  told.conversation.AddCall("b", "g", "{}");
  told.Result("a", "", "first");
  told.Result("x", "", "of nobody");
  told.Result("b", "", "second");
  EXPECT_THAT(told.Items(),
              ElementsAre("call a", "call b", "result a: first", "result b: second", "message: of nobody"));
  EXPECT_THAT(told.repaired, ElementsAre("result_without_call"));
}

TEST(Conversation, PairsParallelResultsByNameBesideOneThatNamesNobody) {
  Told told;
  told.conversation.AddCall("", "f", "{}");
  told.conversation.AddCall("", "g", "{}");
  told.Result("", "h", "of nobody");
  told.Result("", "g", "of g");
  told.conversation.AddMessage(inference::v1::ROLE_USER, {});
  EXPECT_THAT(told.Items(), ElementsAre("call call_00000001", "call call_00000002", "result call_00000002: of g",
                                        "result call_00000001: aborted", "message: of nobody"));
  EXPECT_THAT(told.repaired, ElementsAre("result_without_call", "call_without_result"));
}

}  // namespace
}  // namespace patchbay::ollama
