#include "workers/frontend/dialects/openai_responses/face.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace patchbay::frontend::openai_responses {
namespace {

std::string_view SessionIn(const std::map<std::string, std::string, std::less<>>& headers) {
  return SessionHeader([&](std::string_view name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  });
}

TEST(ResponsesFace, FindsTheConversationInTheNewestOfItsHeaders) {
  EXPECT_EQ(SessionIn({{"conversation_id", "c"}, {"session_id", "s"}, {"thread-id", "t"}}), "thread-id");
  EXPECT_EQ(SessionIn({{"conversation_id", "c"}}), "conversation_id");
  EXPECT_EQ(SessionIn({}), "");
}

TEST(ResponsesFace, AsksTheBackendsFirst) {
  EXPECT_EQ(SessionIn({{"thread-id", "t"}, {"session-id", "s"}, {"x-codex-parent-thread-id", "p"}}), "session-id");
}

TEST(ResponsesFace, ServesCallsSocketsAndKeptAnswers) {
  std::map<Action, int> actions;
  for (const RouteRow& row : Routes()) {
    ++actions[row.action];
    EXPECT_TRUE(row.path.starts_with("/v1/responses")) << row.path;
  }
  EXPECT_EQ(actions,
            (std::map<Action, int>{
                {Action::kCall, 1}, {Action::kStoredAnswer, 4}, {Action::kSocket, 1}, {Action::kCountTokens, 1}}));
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
