#include "workers/frontend/dialects/anthropic/quota_headers.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend::anthropic {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

HeaderList HeadersOf(const std::string& text) {
  accounts::v1::PoolQuota pool;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &pool)) << text;
  return QuotaHeaders(pool, 1000);
}

TEST(AnthropicQuotaHeaders, TellOfFiveHoursAndSevenDays) {
  const HeaderList headers = HeadersOf(R"pb(
    has_room: true
    windows {
      used_percent: 42
      length { seconds: 18000 }
      resets_at { seconds: 9000 }
    }
    windows {
      used_percent: 61.5
      length { seconds: 604800 }
      resets_at { seconds: 90000 }
    }
    windows {
      name: "codex_bengalfox"
      used_percent: 99
      length { seconds: 18000 }
    })pb");
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-status", "allowed")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-5h-utilization", "0.42")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-5h-reset", "9000")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-5h-status", "allowed")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-7d-utilization", "0.615")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-representative-claim", "seven_day")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-reset", "90000")));
}

TEST(AnthropicQuotaHeaders, SayNothingOfOtherWindows) {
  EXPECT_TRUE(HeadersOf("has_room: true").empty());
  EXPECT_TRUE(HeadersOf("has_room: true windows { used_percent: 42 length { seconds: 3600 } }").empty());
  const HeaderList week = HeadersOf("has_room: true windows { used_percent: 4 length { seconds: 604800 } }");
  EXPECT_THAT(week, Not(Contains(Key("anthropic-ratelimit-unified-5h-utilization"))));
  EXPECT_THAT(week, Not(Contains(Key("anthropic-ratelimit-unified-7d-reset")))) << "nobody has told";
}

TEST(AnthropicQuotaHeaders, SayThatAPoolIsUsedUp) {
  const HeaderList headers = HeadersOf(R"pb(
    windows {
      used_percent: 100
      length { seconds: 18000 }
      resets_at { seconds: 9000 }
    }
    windows {
      used_percent: 61
      length { seconds: 604800 }
      resets_at { seconds: 90000 }
    }
    back_at { seconds: 9001 })pb");
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-status", "rejected")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-5h-status", "rejected")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-7d-status", "allowed")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-representative-claim", "five_hour")));
  EXPECT_THAT(headers, Contains(Pair("anthropic-ratelimit-unified-reset", "9001")));
}

}  // namespace
}  // namespace patchbay::frontend::anthropic
