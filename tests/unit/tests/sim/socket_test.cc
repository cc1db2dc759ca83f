#include "tests/sim/socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "tests/sim/provider.h"

namespace patchbay::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SocketTest : public ::testing::Test {
 protected:
  SocketTest() {
    account_ = provider_.accounts().Create({.label = "one"}, 1'800'000'000);
    memory_.account_id = account_->id;
  }
  // What a frame is answered with: the types of the frames.
  std::vector<std::string> Types(const std::string& frame) {
    Plan plan = provider_.HandleFrame(memory_, frame, false);
    std::vector<std::string> types;
    error_ = plan.frame;
    id_ = memory_.response_id;
    for (const std::string_view text : FramesOf(plan.script.bytes))
      types.emplace_back(boost::json::parse(text).at("type").as_string());
    return types;
  }
  static std::string Turn(std::string_view extra, std::string_view input = R"([{"role":"user","content":"hi"}])") {
    return R"({"type":"response.create","model":"gpt-5.5","instructions":"x","store":false,"stream":true,"input":)" +
           std::string(input) + std::string(extra) + "}";
  }
  static std::string After(const std::string& id) { return R"(,"previous_response_id":")" + id + "\""; }

  Provider provider_{64, 1 << 20};
  Account* account_;
  SocketMemory memory_;
  std::string error_, id_;
};

TEST_F(SocketTest, AnswersAWarmUpWithNothingButItsId) {
  EXPECT_THAT(Types(Turn(R"(,"generate":false)", "[]")),
              ElementsAre("response.created", "response.in_progress", "response.completed"));
  EXPECT_FALSE(id_.empty());
}

TEST_F(SocketTest, ContinuesTheLastResponseOfTheConnectionOnly) {
  ASSERT_THAT(Types(Turn("")).back(), "response.completed");
  const std::string first = id_;
  ASSERT_THAT(Types(Turn(After(first))).back(), "response.completed");
  EXPECT_NE(id_, first);
  EXPECT_TRUE(Types(Turn(After(first))).empty());
  EXPECT_THAT(error_, HasSubstr("previous_response_not_found"));
  EXPECT_THAT(error_, HasSubstr(R"("status_code":400)"));
}

TEST_F(SocketTest, ForgetsItsResponseAfterAFailedTurn) {
  ASSERT_THAT(Types(Turn("")).back(), "response.completed");
  const std::string first = id_;
  EXPECT_TRUE(Types(Turn(R"(,"temperature":1)")).empty());
  EXPECT_TRUE(Types(Turn(After(first))).empty());
  EXPECT_THAT(error_, HasSubstr("previous_response_not_found"));
}

TEST_F(SocketTest, KnowsTheItemsThatItRemembersWhenAToolAnswers) {
  const std::string tools =
      R"(,"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}}}])";
  ASSERT_THAT(Types(Turn(tools, R"([{"role":"user","content":"[[sim:tools]]"}])")).back(), "response.completed");
  const std::string call = memory_.items.back().at("call_id").as_string().c_str();
  const std::string output = R"([{"type":"function_call_output","call_id":")" + call + R"(","output":"ok"}])";
  EXPECT_THAT(Types(Turn(tools + After(id_), output)).back(), "response.completed");
  EXPECT_TRUE(Types(Turn(tools, output)).empty()) << "without the call its output means nothing";
}

TEST_F(SocketTest, SaysNothingToWhatIsNoTurn) {
  EXPECT_TRUE(Types(R"({"type":"response.processed","response_id":"r"})").empty());
  EXPECT_EQ(error_, "");
  EXPECT_TRUE(Types(R"({"type":"response.cancel"})").empty());
  EXPECT_THAT(error_, HasSubstr("invalid_value"));
}

TEST(ErrorFrame, WritesHeadersInTitleCaseAndNoCookies) {
  Reply reply;
  reply.status = 429;
  reply.body = R"({"error":{"type":"usage_limit_reached","message":"m"}})";
  reply.AddHeader("x-codex-plan-type", "plus");
  reply.AddHeader("set-cookie", "a=b");
  EXPECT_EQ(ErrorFrame(reply),
            R"({"type":"error","error":{"type":"usage_limit_reached","message":"m"},"status_code":429,)"
            R"("headers":{"X-Codex-Plan-Type":"plus"}})");
}

}  // namespace
}  // namespace patchbay::sim
