#include "lib/catalog/price_list.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "lib/time/time_text.h"

namespace patchbay::catalog {
namespace {

using ::testing::HasSubstr;

v1::Prices Row(const std::string& text) {
  v1::Prices prices;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &prices)) << text;
  for (auto& [name, one] : *prices.mutable_cases()) {
    if (one.tier().empty()) one.set_tier("standard");  // as the loader fills it in
  }
  return prices;
}

PriceList List(const std::string& text) {
  auto list = PriceList::Of(Row(text));
  EXPECT_TRUE(list.ok()) << list.error().message;
  return std::move(*list);
}

std::string ProblemOf(const std::string& text) {
  const auto list = PriceList::Of(Row(text));
  return list.ok() ? "" : list.error().message;
}

// 2026-11-30 is a Monday.
WallTime At(const std::string& day, int hour, int minute = 0) {
  return *ParseDate(day) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

// What a token of output costs, in dollars for a million; -1 where nobody knows.
std::int64_t Output(const PriceList& list, const PricedCall& call) {
  const auto found = list.Find(call);
  return found ? found->prices.output / 1'000'000 : -1;
}

constexpr const char* kBase = R"(input: "2" output: "10" )";

TEST(PriceList, HasOnePriceForAllWhereNothingElseIsSaid) {
  const auto found = List(kBase).Find({"", 5, At("2026-11-30", 12)});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->prices, (TokenPrices{2'000'000, 2'000'000, 2'000'000, 10'000'000})) << "the cache has no discount";
  EXPECT_FALSE(found->long_context);
}

TEST(PriceList, KnowsNoPriceOfATierThatNobodyTold) {
  const PriceList list =
      List(std::string(kBase) + R"(cases { key: "f" value { tier: "flex" input: "1" output: "5" } })");
  EXPECT_EQ(Output(list, {"flex", 5, {}}), 5);
  EXPECT_EQ(Output(list, {"standard", 5, {}}), 10);
  EXPECT_EQ(Output(list, {"priority", 5, {}}), -1);
}

TEST(PriceList, MayKnowOneTierAndNotTheStandardOne) {
  const PriceList list = List(R"(cases { key: "b" value { tier: "batch" input: "1" output: "5" } })");
  EXPECT_EQ(Output(list, {"batch", 5, {}}), 5);
  EXPECT_EQ(Output(list, {"", 5, {}}), -1);
}

TEST(PriceList, ChargesAWholeCallMoreForALongContext) {
  const PriceList list = List(std::string(kBase) + R"(
      cases { key: "a" value { input_above: 200000 input: "4" output: "20" } }
      cases { key: "b" value { input_above: 500000 input: "8" output: "40" } })");
  EXPECT_EQ(Output(list, {"", 200'000, {}}), 10);
  EXPECT_EQ(Output(list, {"", 200'001, {}}), 20);
  EXPECT_EQ(Output(list, {"", 600'000, {}}), 40);
  EXPECT_TRUE(list.Find({"", 200'001, {}})->long_context);
}

TEST(PriceList, KnowsHoursAcrossMidnightAndTheDaysOnWhichTheyBegin) {
  const PriceList list = List(std::string(kBase) + R"(
      cases { key: "night" value { hours: "22:30-06:00" days: "mon-thu,sun" input: "1" output: "5" } })");
  EXPECT_EQ(Output(list, {"", 1, At("2026-11-30", 22, 29)}), 10);
  EXPECT_EQ(Output(list, {"", 1, At("2026-11-30", 22, 30)}), 5);
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-01", 5, 59)}), 5);
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-01", 6, 0)}), 10);
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-04", 23, 0)}), 10) << "a Friday";
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-04", 3, 0)}), 5) << "Thursday's night";
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-05", 3, 0)}), 10) << "Friday's night";
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-06", 23, 0)}), 5) << "a Sunday";
}

TEST(PriceList, KnowsDaysWithoutHours) {
  const PriceList list =
      List(std::string(kBase) + R"(cases { key: "weekend" value { days: "fri-sun" input: "1" output: "5" } })");
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-06", 23, 59)}), 5);
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-07", 0)}), 10);
}

TEST(PriceList, TakesTheNewestOfTheAnnouncedPricesThatHold) {
  const PriceList list = List(std::string(kBase) + R"(
      cases { key: "a" value { since: "2026-12-01" input: "3" output: "12" } }
      cases { key: "b" value { since: "2027-01-01" until: "2027-02-01" input: "4" output: "16" } }
      cases { key: "c" value { hours: "00:00-24:00" input: "1" output: "5" } })");
  EXPECT_EQ(Output(list, {"", 1, At("2026-11-30", 23)}), 5);
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-01", 0)}), 12);
  EXPECT_EQ(Output(list, {"", 1, At("2027-01-15", 0)}), 16);
  EXPECT_EQ(Output(list, {"", 1, At("2027-02-01", 0)}), 12);
}

TEST(PriceList, PrefersHoursToTheRestOfTheDayAndThoseOfALongerContext) {
  const PriceList list = List(std::string(kBase) + R"(
      cases { key: "long" value { input_above: 100 input: "4" output: "20" } }
      cases { key: "night" value { hours: "00:00-06:00" input: "1" output: "5" } }
      cases { key: "long night" value { hours: "00:00-06:00" input_above: 100 input: "2" output: "8" } })");
  EXPECT_EQ(Output(list, {"", 1, At("2026-12-01", 3)}), 5);
  EXPECT_EQ(Output(list, {"", 101, At("2026-12-01", 3)}), 8);
  EXPECT_EQ(Output(list, {"", 101, At("2026-12-01", 7)}), 20);
}

TEST(PriceList, SaysWhatIsWrongWithARow) {
  EXPECT_THAT(ProblemOf(R"(input: "$1" output: "1")"), HasSubstr("input: '$1' is no price"));
  EXPECT_THAT(ProblemOf(R"(input: "1")"), HasSubstr("both, or neither"));
  EXPECT_THAT(ProblemOf(R"(cached_input: "1")"), HasSubstr("something of the cache has"));
  const auto with = [](const std::string& condition) {
    return ProblemOf(std::string(kBase) + R"(cases { key: "x" value { input: "1" output: "1" )" + condition + " } }");
  };
  EXPECT_EQ(with(""), "");
  EXPECT_THAT(with(R"(hours: "25:00-01:00")"), HasSubstr("cases.x: hours: '25:00-01:00' is no span"));
  for (const char* hours : {"12:00", "12:00-12:00", "1:00-2:00", "24:00-01:00", "12:60-13:00"}) {
    EXPECT_THAT(with("hours: \"" + std::string(hours) + "\""), HasSubstr("is no span of hours")) << hours;
  }
  for (const char* days : {"monday", "mon-", "mon,,tue", "mon,", "-"}) {
    EXPECT_THAT(with("days: \"" + std::string(days) + "\""), HasSubstr("is no list of days")) << days;
  }
  EXPECT_THAT(with(R"(since: "2026-13-01")"), HasSubstr("since: '2026-13-01' is no day"));
  EXPECT_THAT(ProblemOf(std::string(kBase) + R"(cases { key: "x" value { tier: "flex" } })"),
              HasSubstr("says no price"));
}

}  // namespace
}  // namespace patchbay::catalog
