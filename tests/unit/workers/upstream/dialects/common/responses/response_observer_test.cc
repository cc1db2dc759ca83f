#include "workers/upstream/dialects/common/responses/response_observer.h"

#include <gtest/gtest.h>

namespace patchbay::upstream::responses {
namespace {

constexpr Extras kNoExtras;
const WallTime kBegin{std::chrono::seconds(1787390000)};

TEST(ResponsesObserver, ReadsOnlyWhatTheEndTells) {
  ResponsesObserver observer(kBegin, kNoExtras);
  ASSERT_TRUE(observer
                  .Feed("event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\","
                        "\"model\":\"m\"}}\n\nevent: response.output_text.delta\ndata: no JSON at all\n\n"
                        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":"
                        "{\"input_tokens\":3,\"output_tokens\":2}}}\n\n")
                  .ok());
  EXPECT_EQ(observer.summary().response_id, "r");
  EXPECT_EQ(observer.summary().model, "m");
  EXPECT_EQ(observer.summary().usage.output_tokens(), 2);
  EXPECT_TRUE(observer.summary().ended);
  EXPECT_FALSE(observer.summary().failed);
}

TEST(ResponsesObserver, SaysWhatMayBeTheBeginningOfAnError) {
  const std::string whole = "data: {\"type\":\"keepalive\"}\n\n";
  struct Case {
    std::string begun;
    bool may_be;
  };
  const Case cases[] = {
      {"", false},
      {"eve", true},
      {"event: err", true},
      {"event: error\n", true},
      {"event: response.failed\ndata: {\"type\":\"resp", true},
      {"event: response.output_text.delta\n", false},
      {"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"He", false},
      {"data: {\"ty", true},
      {"data: {\"type\":\"response.outp", true},
      {"data: {\"type\":\"response.output_text.delta\",\"del", false},
      {"data: {\"type\":\"response.failed\",\"resp", true},
      {"data: {\"type\":\"response.failed\",\"resp\"}\n", true},
      {"data: {\"sequence_number\":1,\"type\":\"response.output_text.delta\"", true},
      {": keepalive\n", false},
  };
  for (const Case& c : cases) {
    ResponsesObserver observer(kBegin, kNoExtras);
    ASSERT_TRUE(observer.Feed(whole + c.begun).ok());
    EXPECT_EQ(observer.may_be_error(), c.may_be ? c.begun.size() : 0) << c.begun;
  }
}

}  // namespace
}  // namespace patchbay::upstream::responses
