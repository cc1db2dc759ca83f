#include "workers/frontend/dialects/openai_completions/logprob_lists.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend::openai_completions {
namespace {

inference::v1::TextDelta Delta(const std::string& text) {
  inference::v1::TextDelta delta;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &delta)) << text;
  return delta;
}

std::string Json(const LogprobLists& lists) {
  std::string json;
  lists.AppendTo(json);
  return json;
}

TEST(CompletionsLogprobLists, AreNullWithoutAny) { EXPECT_EQ(Json({}), "null"); }

TEST(CompletionsLogprobLists, HaveOneElementForEachToken) {
  LogprobLists lists;
  lists.Add(Delta(R"pb(logprobs {
                         token: "Hi"
                         logprob: -0.5
                         top { token: "Hi" logprob: -0.5 }
                         top { token: "Ho" logprob: -1.25 }
                       }
                       logprobs { token: " you" logprob: -2 })pb")
                .logprobs(),
            0);
  lists.Add(Delta(R"pb(logprobs { token: "!" logprob: 0 })pb").logprobs(), 8);
  EXPECT_EQ(Json(lists), R"({"tokens":["Hi"," you","!"],"token_logprobs":[-0.5,-2,0],)"
                         R"("top_logprobs":[{"Hi":-0.5,"Ho":-1.25},{" you":-2},{"!":0}],"text_offset":[0,2,8]})");
}

TEST(CompletionsLogprobLists, NameTheChosenTokenBesideTheLikeliestOnes) {
  LogprobLists lists;
  lists.Add(Delta(R"pb(logprobs {
                         token: "c"
                         logprob: -3
                         top { token: "a" logprob: -0.5 }
                         top { token: "b" logprob: -1 }
                       })pb")
                .logprobs(),
            0);
  EXPECT_EQ(Json(lists),
            R"({"tokens":["c"],"token_logprobs":[-3],"top_logprobs":[{"a":-0.5,"b":-1,"c":-3}],"text_offset":[0]})");
}

TEST(CompletionsLogprobLists, GiveANameThatRepeatsToTheLikeliestToken) {
  LogprobLists lists;
  lists.Add(Delta(R"pb(logprobs {
                         token: "?"
                         logprob: -2
                         top { token: "?" logprob: -0.5 }
                         top { token: "?" logprob: -1 }
                       })pb")
                .logprobs(),
            0);
  EXPECT_EQ(Json(lists), R"({"tokens":["?"],"token_logprobs":[-2],"top_logprobs":[{"?":-0.5}],"text_offset":[0]})");
}

// "é", then a sign of four bytes in two tokens, then "!".
TEST(CompletionsLogprobLists, CountCharactersAlsoThoseOfSeveralTokens) {
  LogprobLists lists;
  lists.Add(Delta(R"pb(logprobs { token: "\303\251" logprob: -1 }
                       logprobs { token: "\\xf0\\x9f" logprob: -1 bytes: "\360\237" }
                       logprobs { token: "\\x98\\x80" logprob: -1 bytes: "\230\200" }
                       logprobs { token: "!" logprob: -1 bytes: "!" })pb")
                .logprobs(),
            10);
  EXPECT_TRUE(Json(lists).ends_with(R"("text_offset":[10,11,11,12]})")) << Json(lists);
}

}  // namespace
}  // namespace patchbay::frontend::openai_completions
