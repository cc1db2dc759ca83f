#include "workers/accounts/usage/usages_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <system_error>
#include <tuple>

#include "lib/base/descriptor.h"
#include "lib/wire/json_writer.h"

namespace patchbay::accounts {
namespace {

using std::chrono::minutes;

// How a file of ours begins.
constexpr std::string_view kOurs = R"({"generator":"patchbay",)";
// OCM's two sizes of contexts: that of most models, and that of those which cost more beyond it (ocm.md §10).
constexpr std::int64_t kContext = 272'000;
constexpr std::int64_t kLongContext = 1'050'000;
constexpr std::int64_t kNanosPerMicro = 1000;
constexpr std::int64_t kMicrosPerDollar = 1'000'000;

std::string DollarsOf(std::int64_t nanos) {
  const std::int64_t micros = (nanos + kNanosPerMicro / 2) / kNanosPerMicro;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(micros / kMicrosPerDollar),
                static_cast<long long>(micros % kMicrosPerDollar));
  return text.data();
}

std::string Formatted(WallTime time, minutes offset, const char* format) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time + offset);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

// "UTC+8", "UTC-3:30".
std::string ZoneOf(minutes offset) {
  const auto size = offset < minutes(0) ? -offset : offset;
  std::string zone = offset < minutes(0) ? "UTC-" : "UTC+";
  zone += std::to_string(size.count() / 60);
  if (size.count() % 60 != 0)
    zone += ":" + std::string(size.count() % 60 < 10 ? "0" : "") + std::to_string(size.count() % 60);
  return zone;
}

std::string Rfc3339Local(WallTime time, minutes offset) {
  const auto size = offset < minutes(0) ? -offset : offset;
  std::array<char, 16> zone{};
  std::snprintf(zone.data(), zone.size(), "%c%02d:%02d", offset < minutes(0) ? '-' : '+',
                static_cast<int>(size.count() / 60), static_cast<int>(size.count() % 60));
  return Formatted(time, offset, "%Y-%m-%dT%H:%M:%S") + zone.data();
}

struct Stats {
  std::int64_t requests = 0, input = 0, output = 0, cached = 0, nanos = 0;
  void Add(const WeekUsage& week) {
    requests += week.requests;
    input += week.input_tokens;
    output += week.output_tokens;
    cached += week.cached_input_tokens;
    nanos += week.cost_nano_dollars;
  }
};

void WriteStats(wire::JsonWriter& json, const Stats& stats) {
  json.BeginObject().Key("request_count").Int(stats.requests).Key("input_tokens").Int(stats.input);
  json.Key("output_tokens").Int(stats.output).Key("cached_tokens").Int(stats.cached);
  json.Key("cost_usd").Raw(DollarsOf(stats.nanos)).EndObject();
}

void WriteCosts(wire::JsonWriter& json, const std::map<std::string, std::int64_t>& costs) {
  json.BeginObject();
  for (const auto& [name, nanos] : costs) json.Key(name).Raw(DollarsOf(nanos));
  json.EndObject();
}

// week, model, tier, long context
using Combination = std::tuple<std::int64_t, std::string, std::string, bool>;
struct OfUsers {
  Stats all;
  std::map<std::string, Stats> by_user;
};

Error SystemError(const std::filesystem::path& path, const char* what) {
  return {ErrorCode::kUnavailable, std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

Result<void> WriteAll(int file, const std::string& text, const std::filesystem::path& path) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(file, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return SystemError(path, "cannot write");
    at += static_cast<std::size_t>(written);
  }
  if (::fsync(file) != 0) return SystemError(path, "cannot write");
  return {};
}

}  // namespace

minutes OffsetOfThisMachine(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return std::chrono::duration_cast<minutes>(std::chrono::seconds(parts.tm_gmtoff));
}

std::string UsagesText(const std::vector<WeekUsage>& weeks, const std::map<std::string, std::string>& names,
                       WallTime now, const LocalOffset& offset) {
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> by_user, by_week;
  std::map<std::string, std::map<std::string, std::int64_t>> by_user_and_week;
  std::map<Combination, OfUsers> combinations;
  for (const WeekUsage& week : weeks) {
    const auto name = names.find(week.client_key);
    const std::string& user = name == names.end() ? week.client_key : name->second;
    total += week.cost_nano_dollars;
    if (!user.empty()) by_user[user] += week.cost_nano_dollars;
    std::int64_t unix_time = 0;
    if (week.week_started_at) {
      const minutes zone = offset(*week.week_started_at);
      const std::string label = Formatted(*week.week_started_at, zone, "%Y-%m-%d %H:%M:%S ") + ZoneOf(zone);
      by_week[label] += week.cost_nano_dollars;
      if (!user.empty()) by_user_and_week[user][label] += week.cost_nano_dollars;
      unix_time = std::chrono::floor<std::chrono::seconds>(*week.week_started_at).time_since_epoch().count();
    }
    // OCM knows no tier without a name.
    OfUsers& of = combinations[{unix_time, week.model, week.tier.empty() ? "default" : week.tier, week.long_context}];
    of.all.Add(week);
    if (!user.empty()) of.by_user[user].Add(week);
  }

  std::string text;
  wire::JsonWriter json(text);
  json.BeginObject().Key("generator").String("patchbay").Key("last_updated").String(Rfc3339Local(now, offset(now)));
  json.Key("costs").BeginObject().Key("total_usd").Raw(DollarsOf(total));
  json.Key("by_user");
  WriteCosts(json, by_user);
  if (!by_week.empty()) {
    json.Key("by_week");
    WriteCosts(json, by_week);
  }
  if (!by_user_and_week.empty()) {
    json.Key("by_user_and_week").BeginObject();
    for (const auto& [user, costs] : by_user_and_week) {
      json.Key(user);
      WriteCosts(json, costs);
    }
    json.EndObject();
  }
  json.EndObject().Key("combinations").BeginArray();
  for (const auto& [key, of] : combinations) {
    const auto& [week_start, model, tier, long_context] = key;
    json.BeginObject().Key("model").String(model).Key("service_tier").String(tier);
    json.Key("context_window").Int(long_context ? kLongContext : kContext);
    if (week_start != 0) json.Key("week_start_unix").Int(week_start);
    json.Key("total");
    WriteStats(json, of.all);
    json.Key("by_user").BeginObject();
    for (const auto& [user, stats] : of.by_user) {
      json.Key(user);
      WriteStats(json, stats);
    }
    json.EndObject().EndObject();
  }
  json.EndArray().EndObject();
  text.push_back('\n');
  return text;
}

Result<bool> PutAsideAnothers(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  std::string begin(kOurs.size(), '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin == kOurs) return false;
  std::error_code error;
  const std::filesystem::path aside = path.string() + std::string(kPutAside);
  if (std::filesystem::exists(aside, error)) {
    return Error(ErrorCode::kFailedPrecondition, path.string() + " is not a file of patchbay's, and " + aside.string() +
                                                     " is there already; move one of them away");
  }
  std::filesystem::rename(path, aside, error);
  if (error) return Error(ErrorCode::kFailedPrecondition, "cannot move " + path.string() + ": " + error.message());
  return true;
}

Result<void> WriteWhole(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".tmp";
  const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.valid()) return SystemError(beside, "cannot write");
  RETURN_IF_ERROR(WriteAll(file.get(), text, beside));
  if (::rename(beside.c_str(), path.c_str()) != 0) return SystemError(path, "cannot replace");
  return {};
}

}  // namespace patchbay::accounts
