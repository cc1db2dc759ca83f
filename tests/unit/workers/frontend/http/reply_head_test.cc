#include "workers/frontend/http/reply_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/engine/fakes.h"

namespace patchbay::frontend {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;

HeaderList HeadersOf(const ReplyHead& head, const ReplyPlan& plan = {}) {
  return head.Headers(plan, "application/json");
}

TEST(ReplyHead, NamesTheModelThatServesAnother) {
  ReplyHead head("alias", {});
  auto granted = Grant("l");
  granted.set_reasoning_effort("high");
  head.BeginAttempt(granted, {});
  EXPECT_THAT(HeadersOf(head), Contains(Pair("x-patchbay-model", "wire-model; effort=high")));
  ReplyHead own("wire-model", {}, "high");
  own.BeginAttempt(granted, {});
  EXPECT_THAT(HeadersOf(own), Not(Contains(Pair("x-patchbay-model", ::testing::_)))) << "as the request says itself";
  ReplyHead same("wire-model", {});
  same.BeginAttempt(Grant("l"), {});
  EXPECT_THAT(HeadersOf(same), Not(Contains(Pair("x-patchbay-model", ::testing::_))));
}

TEST(ReplyHead, TellsWhatWasIgnoredInTheClientsWords) {
  ReplyPlan plan;
  plan.ignored = {"user"};
  plan.repaired = {"empty_message:1"};
  plan.wishes = {{"max_output_tokens", "max_tokens"}};
  ReplyHead head("m", {});
  CallRoute route;
  route.repaired = {"sealed_reasoning"};
  head.BeginAttempt(Grant("l"), route);
  head.Take(FromText<upstream::v1::Head>(R"pb(ignored: "max_output_tokens"
                                              ignored: "service_tier"
                                              repaired: "tool_schema:f")pb"),
            plan.wishes);
  EXPECT_THAT(HeadersOf(head, plan), Contains(Pair("x-patchbay-ignored", "user, max_tokens, service_tier")));
  EXPECT_THAT(HeadersOf(head, plan),
              Contains(Pair("x-patchbay-repaired", "empty_message:1, sealed_reasoning, tool_schema:f")));
  EXPECT_EQ(head.LossesOf(plan).ignored, (std::vector<std::string>{"user", "max_tokens", "service_tier"}));
}

// The plan tells what the canonical form lost: on a relay nothing was.
TEST(ReplyHead, TellsOfARelayWhatThatLost) {
  ReplyPlan plan;
  plan.ignored = {"user"};
  plan.repaired = {"tool_names"};
  ReplyHead head("m", {});
  CallRoute route;
  route.relay = true;
  head.BeginAttempt(Grant("l1"), route);
  EXPECT_THAT(HeadersOf(head, plan), Not(Contains(Pair("x-patchbay-ignored", ::testing::_))));
  EXPECT_THAT(HeadersOf(head, plan), Not(Contains(Pair("x-patchbay-repaired", ::testing::_))));
  route.ignored = {"temperature"};
  head.BeginAttempt(Grant("l2"), route);
  EXPECT_THAT(HeadersOf(head, plan), Contains(Pair("x-patchbay-ignored", "temperature")));
  route.relay = false;
  head.BeginAttempt(Grant("l3"), route);
  EXPECT_THAT(HeadersOf(head, plan), Contains(Pair("x-patchbay-ignored", "user, temperature")));
}

TEST(ReplyHead, ForgetsWhatAnEarlierProviderSaid) {
  ReplyHead head("m", {{"x-request-id", "ours"}});
  head.BeginAttempt(Grant("l1"), {});
  head.Take(FromText<upstream::v1::Head>(R"(headers { name: "x-request-id" value: "theirs" }
                                            headers { name: "content-type" value: "text/html" }
                                            ignored: "seed" repaired: "tool_schema:f")"),
            {});
  EXPECT_THAT(HeadersOf(head), Contains(Pair("x-provider-request-id", "theirs")));
  EXPECT_THAT(HeadersOf(head), Contains(Pair("x-request-id", "ours")));
  EXPECT_THAT(HeadersOf(head), Not(Contains(Pair("content-type", "text/html"))));
  head.Take(FromText<upstream::v1::Head>(R"(repaired: "sealed_reasoning")"), {});
  EXPECT_THAT(HeadersOf(head), Contains(Pair("x-patchbay-repaired", "sealed_reasoning")));
  head.BeginAttempt(Grant("l2"), {});
  EXPECT_THAT(HeadersOf(head), Not(Contains(Pair("x-provider-request-id", "theirs"))));
  EXPECT_THAT(HeadersOf(head), Not(Contains(Pair("x-patchbay-ignored", ::testing::_))));
  EXPECT_THAT(HeadersOf(head), Not(Contains(Pair("x-patchbay-repaired", ::testing::_))));
}

TEST(ReplyHead, LetsNoHeaderHoldWhatHeadersMayNot) {
  ReplyPlan plan;
  plan.ignored = {"a\r\nset-cookie: x", "\xC3\xA4"};
  EXPECT_THAT(HeadersOf(ReplyHead("m", {}), plan), Contains(Pair("x-patchbay-ignored", "a??set-cookie: x, ??")));
}

}  // namespace
}  // namespace patchbay::frontend
