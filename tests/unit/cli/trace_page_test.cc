#include "cli/trace_page.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;

TEST(TracePage, TellsTheStoryOfARequestThatWasServedAtTheSecondTry) {
  accounts::v1::RequestTrace trace;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        request_id: "req_1"
        client_key: "ci"
        dialect: "anthropic"
        model: "claude"
        affinity_key: "0011"
        asked_at { seconds: 1000000000 }
        frontend: "frontend#1"
        steps {
          after { nanos: 2000000 }
          choice {
            attempt: 1
            account: "acc_1"
            label: "work"
            provider: "p"
            wire_model: "m-1"
            reason: "paced"
            dialect: "openai_responses"
            accounts { account: "acc_1" label: "work" place: 1 eligible: true reason: "eligible" }
            accounts { reason: "it has been removed since" }
            accounts_total: 3
          }
        }
        steps {
          after { nanos: 90000000 }
          end {
            outcome: "retried"
            notes { ignored: "seed" }
          }
        }
        steps {
          after { nanos: 90000000 }
          verdict {
            account: "acc_1"
            failure: "429 usage_limit_reached"
            rule: "usage limit"
            fault: "account"
            effect: "exhaust"
            evidence: "strong"
          }
        }
        steps {
          after { seconds: 1 }
          end {
            outcome: "succeeded"
            notes {
              head { nanos: 40000000 }
              repaired: "tool_names"
            }
            first_output { nanos: 50000000 }
            total { nanos: 900000000 }
          }
        })pb",
      &trace));
  EXPECT_EQ(TracePage(trace, WallTime(1000000100s), false), R"(
req_1  2001-09-09T01:46:40Z  claude, by anthropic, key ci, through frontend#1
conversation 0011
+2ms       attempt 1 on acc_1 (work) of p as m-1: paced; translated to openai_responses
           1  acc_1 (work): eligible
           -  ?: it has been removed since
           1 more accounts
+90ms      retried: ignored: seed
+90ms      429 usage_limit_reached on acc_1: fault of the account, effect exhaust, strong evidence (row usage limit)
+1s        succeeded: taken after 40ms, first output after 50ms, took 900ms, repaired: tool_names
)" + 1);
}

TEST(TracePage, TellsWhyNobodyServed) {
  accounts::v1::RequestTrace trace;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(R"pb(
                                                      request_id: "req_2"
                                                      asked_at { seconds: 1000000000 }
                                                      steps_left_out: 7
                                                      steps {
                                                        denial {
                                                          reason: DENY_REASON_EXHAUSTED
                                                          message: "no quota"
                                                          accounts: "1 exhausted"
                                                          available_at { seconds: 1000003700 }
                                                          explained { account: "acc_1" reason: "exhausted (429)" }
                                                        }
                                                      })pb",
                                                    &trace));
  EXPECT_EQ(TracePage(trace, WallTime(1000000100s), false), R"(
req_2  2001-09-09T01:46:40Z  )"
                                                            R"(
           … 7 steps are not kept
+0ms       denied (exhausted): no quota (1 exhausted); it makes sense again in 1h
           -  acc_1: exhausted (429)
)" + 1);
}

}  // namespace
}  // namespace patchbay::cli
