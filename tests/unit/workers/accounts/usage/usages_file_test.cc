#include "workers/accounts/usage/usages_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;

constexpr WallTime kNow{std::chrono::milliseconds(1'790'000'000'123)};

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

WeekUsage AWeek(const std::string& key, std::int64_t nano_dollars) {
  WeekUsage week;
  week.week_started_at = WallTime(std::chrono::seconds(1'741'478'400));
  week.model = "gpt-5.4";
  week.client_key = key;
  week.requests = 1;
  week.input_tokens = 10;
  week.cached_input_tokens = 2;
  week.output_tokens = 5;
  week.cost_nano_dollars = nano_dollars;
  return week;
}

boost::json::value Json(const std::string& text) { return boost::json::parse(text); }

TEST(UsagesFile, SaysWhatOcmSays) {
  const std::string text = UsagesText({AWeek("key_1", 1'234'567'890), AWeek("key_2", 1)}, {{"key_1", "alice"}}, kNow,
                                      [](WallTime) { return minutes(8 * 60); });
  EXPECT_EQ(Json(text), Json(R"({
    "generator": "patchbay",
    "last_updated": "2026-09-21T22:13:20+08:00",
    "costs": {
      "total_usd": 1.234568,
      "by_user": {"alice": 1.234568, "key_2": 0.000000},
      "by_week": {"2025-03-09 08:00:00 UTC+8": 1.234568},
      "by_user_and_week": {"alice": {"2025-03-09 08:00:00 UTC+8": 1.234568},
                           "key_2": {"2025-03-09 08:00:00 UTC+8": 0.000000}}},
    "combinations": [
      {"model": "gpt-5.4", "service_tier": "default", "context_window": 272000, "week_start_unix": 1741478400,
       "total": {"request_count": 2, "input_tokens": 20, "output_tokens": 10, "cached_tokens": 4, "cost_usd": 1.234568},
       "by_user": {
         "alice": {"request_count": 1, "input_tokens": 10, "output_tokens": 5, "cached_tokens": 2, "cost_usd": 1.234568},
         "key_2": {"request_count": 1, "input_tokens": 10, "output_tokens": 5, "cached_tokens": 2, "cost_usd": 0.000000}
       }}]})"));
}

TEST(UsagesFile, LeavesOutWeeksThatNobodyToldAndUsersWithoutAKey) {
  WeekUsage week = AWeek("", 5'000'000);
  week.week_started_at.reset();
  week.tier = "priority";
  week.long_context = true;
  const auto json = Json(UsagesText({week}, {}, kNow, [](WallTime) { return minutes(-210); })).as_object();
  EXPECT_EQ(json.at("last_updated").as_string(), "2026-09-21T10:43:20-03:30");
  const auto& costs = json.at("costs").as_object();
  EXPECT_FALSE(costs.contains("by_week"));
  EXPECT_FALSE(costs.contains("by_user_and_week"));
  EXPECT_TRUE(costs.at("by_user").as_object().empty());
  const auto& combination = json.at("combinations").as_array().at(0).as_object();
  EXPECT_FALSE(combination.contains("week_start_unix"));
  EXPECT_EQ(combination.at("service_tier").as_string(), "priority");
  EXPECT_EQ(combination.at("context_window").as_int64(), 1'050'000);
}

TEST(UsagesFile, NamesZonesWithHalfHoursAsOcmDoes) {
  const std::string text = UsagesText({AWeek("k", 1)}, {}, kNow, [](WallTime) { return minutes(-210); });
  EXPECT_THAT(text, HasSubstr("\"2025-03-08 20:30:00 UTC-3:30\""));
}

TEST(UsagesFile, IsReplacedAsAWhole) {
  TemporaryDirectory directory;
  const auto path = directory.path / "usages.json";
  ASSERT_TRUE(WriteWhole(path, "one\n").ok());
  ASSERT_TRUE(WriteWhole(path, "two\n").ok());
  EXPECT_EQ(Read(path), "two\n");
  const mode_t mask = ::umask(0);
  ::umask(mask);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644u & ~mask) << "for other programs to read, as OCM's";
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
}

TEST(UsagesFile, StaysAsItWasWhenTheNewOneCannotBeWritten) {
  TemporaryDirectory directory;
  const auto path = directory.path / "usages.json";
  ASSERT_TRUE(WriteWhole(path, "one\n").ok());
  std::filesystem::create_directory(path.string() + ".tmp");
  const auto written = WriteWhole(path, "two\n");
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message, HasSubstr("usages.json.tmp"));
  EXPECT_EQ(Read(path), "one\n");
}

TEST(UsagesFile, WritesOverNobodyElses) {
  TemporaryDirectory directory;
  const auto path = directory.path / "usages.json";
  EXPECT_EQ(*PutAsideAnothers(path), false) << "there is none";
  std::ofstream(path) << R"({"last_updated": "2026-03-11T21:31:42+08:00"})";
  EXPECT_EQ(*PutAsideAnothers(path), true);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_THAT(Read(path.string() + ".before-patchbay"), HasSubstr("last_updated"));
  ASSERT_TRUE(WriteWhole(path, UsagesText({}, {}, kNow, [](WallTime) { return minutes(0); })).ok());
  EXPECT_EQ(*PutAsideAnothers(path), false) << "it is ours";
  std::ofstream(path) << "{}";
  EXPECT_EQ(PutAsideAnothers(path).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(Read(path), "{}");
}

}  // namespace
}  // namespace patchbay::accounts
