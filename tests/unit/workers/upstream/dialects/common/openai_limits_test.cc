#include "workers/upstream/dialects/common/openai_limits.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::upstream {
namespace {

const WallTime kLimitsTime{std::chrono::seconds(1787390000)};

std::string LimitsOf(const Headers& headers) {
  inference::v1::RateLimits limits;
  const bool any = ReadOpenAiLimits(headers, kLimitsTime, limits);
  std::string text = any ? "" : "none";
  for (const auto& window : limits.windows()) {
    text += window.name() + " " + std::to_string(static_cast<int>(window.used_percent() + 0.5)) + "% ";
    if (window.has_resets_at()) text += "+" + std::to_string(window.resets_at().seconds() - 1787390000) + "s ";
  }
  return text;
}

TEST(OpenAiLimits, ReadsBothWindows) {
  EXPECT_EQ(LimitsOf({{"x-ratelimit-limit-requests", "5000"},
                      {"x-ratelimit-remaining-requests", "1250"},
                      {"x-ratelimit-reset-requests", "6m1s"},
                      {"x-ratelimit-limit-tokens", "100"},
                      {"x-ratelimit-remaining-tokens", "100"},
                      {"x-ratelimit-reset-tokens", "20ms"}}),
            "requests 75% +361s tokens 0% +0s ");
}

TEST(OpenAiLimits, UnderstandsEveryWayToSayWhen) {
  for (const auto& [text, wanted] :
       {std::pair("7", "+7s "), std::pair("1h2m3s", "+3723s "), std::pair("1d", "+86400s "), std::pair("soon", ""),
        std::pair("", ""), std::pair("5 parsecs", "")}) {
    EXPECT_EQ(LimitsOf({{"x-ratelimit-limit-tokens", "2"},
                        {"x-ratelimit-remaining-tokens", "1"},
                        {"x-ratelimit-reset-tokens", text}}),
              std::string("tokens 50% ") + wanted)
        << text;
  }
}

TEST(OpenAiLimits, SaysNothingWhereNothingIsTold) {
  EXPECT_EQ(LimitsOf({}), "none");
  EXPECT_EQ(LimitsOf({{"x-ratelimit-limit-tokens", "0"}, {"x-ratelimit-remaining-tokens", "0"}}), "none");
  EXPECT_EQ(LimitsOf({{"x-ratelimit-limit-tokens", "many"}, {"x-ratelimit-remaining-tokens", "1"}}), "none");
}

}  // namespace
}  // namespace patchbay::upstream
