#include "workers/accounts/store/usage_sums.h"

#include <array>
#include <chrono>
#include <utility>

namespace patchbay::accounts {
namespace {

using std::chrono::hours;

// accounts.v1.Outcome.
constexpr int kFailed = 2;
constexpr int kAbandoned = 3;

std::int64_t HourOf(WallTime time) { return std::chrono::floor<hours>(time).time_since_epoch().count(); }

std::int64_t DayOf(WallTime time) { return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count(); }

// Days on which keys were used, however far apart: a clock that was wrong for a while shall cost none. The longest
// period of a budget is a month.
constexpr std::int64_t kKeyDaysKept = 100;

// ---- questions ----

// The sums of the full hours [?1, ?2), and the rows of what is left at both ends: [?3, ?4) and [?5, ?6). Times of day
// come as minutes since 1970.
constexpr std::string_view kParts =
    " FROM (SELECT hour*60 AS minute, client_key_id, account, provider, model, requests, failed, abandoned, lost,"
    " estimated, unpriced, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens,"
    " cost_nano, subscription_nano, total_ms, first_output_ms, first_outputs"
    " FROM usage_hours WHERE hour>=?1 AND hour<?2"
    " UNION ALL"
    " SELECT started_at/60000, client_key_id, account, provider, wire_model, 1, outcome=2, outcome=3, outcome=4,"
    " usage_estimated, cost_nano IS NULL, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,"
    " reasoning_tokens, IIF(subscription, 0, IFNULL(cost_nano, 0)), IIF(subscription, IFNULL(cost_nano, 0), 0),"
    " total_ms, IFNULL(first_output_ms, 0), first_output_ms IS NOT NULL"
    " FROM usage WHERE (started_at>=?3 AND started_at<?4) OR (started_at>=?5 AND started_at<?6))"
    " WHERE (?7='' OR client_key_id=?7) AND (?8='' OR account=?8) AND (?9='' OR provider=?9)"
    " AND (?10='' OR model=?10)";

constexpr std::string_view kSums =
    " AS part, SUM(requests), SUM(failed), SUM(abandoned), SUM(lost), SUM(estimated), SUM(unpriced),"
    " SUM(input_tokens), SUM(cached_input_tokens), SUM(cache_write_tokens), SUM(output_tokens), SUM(reasoning_tokens),"
    " SUM(cost_nano), SUM(subscription_nano), SUM(total_ms), SUM(first_output_ms), SUM(first_outputs)";

// ?11 is the offset of the asker's days in minutes, ?12 how many parts.
std::string SumStatement(std::string_view part, bool in_time) {
  std::string sql = "SELECT ";
  sql.append(part).append(kSums).append(kParts).append(" AND ?11 IS NOT NULL GROUP BY part ORDER BY ");
  sql.append(in_time ? "part" : "SUM(cost_nano)+SUM(subscription_nano) DESC, SUM(requests) DESC, part");
  return sql.append(" LIMIT ?12");
}

// Statements are known by their address, so each is made once.
const char* SumStatementFor(UsageBy by) {
  static const std::array<std::string, 7> kStatements = {
      SumStatement("''", false),       SumStatement("client_key_id", false), SumStatement("account", false),
      SumStatement("provider", false), SumStatement("model", false),         SumStatement("(minute+?11)/1440", true),
      SumStatement("minute/60", true),
  };
  return kStatements.at(static_cast<std::size_t>(by)).c_str();
}

UsageSum SumOf(const sqlite::Query& query) {
  UsageSum sum;
  int column = 1;
  for (std::int64_t* value : {&sum.requests, &sum.failed, &sum.abandoned, &sum.lost, &sum.estimated, &sum.unpriced,
                              &sum.input_tokens, &sum.cached_input_tokens, &sum.cache_write_tokens, &sum.output_tokens,
                              &sum.reasoning_tokens, &sum.cost_nano_dollars, &sum.subscription_nano_dollars,
                              &sum.total_ms, &sum.first_output_ms, &sum.first_outputs}) {
    *value = query.Integer(column++);
  }
  return sum;
}

// Where the hours are full, and what is left before and behind them.
struct Span {
  std::int64_t first_hour = 0, end_hour = 0;
  WallTime front_begin{}, front_end{}, back_begin{}, back_end{};
};

Span SpanOf(WallTime since, WallTime until) {
  const WallTime first_full = std::chrono::ceil<hours>(since), last_full = std::chrono::floor<hours>(until);
  if (first_full > last_full) return {0, 0, since, until, until, until};  // both within one hour
  return {HourOf(first_full), HourOf(last_full), since, first_full, last_full, until};
}

Result<std::vector<UsageGroup>> Groups(sqlite::Database& database, const UsageQuestion& question, UsageBy by,
                                       const Span& span, std::int64_t limit) {
  ASSIGN_OR_RETURN(auto query, database.Prepare(SumStatementFor(by)));
  query->Bind(span.first_hour).Bind(span.end_hour).Bind(span.front_begin).Bind(span.front_end);
  query->Bind(span.back_begin).Bind(span.back_end).Bind(question.filter.client_key).Bind(question.filter.account);
  query->Bind(question.filter.provider).Bind(question.filter.wire_model);
  query->Bind(std::int64_t{question.utc_offset.count()}).Bind(limit);
  std::vector<UsageGroup> groups;
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return groups;
    UsageGroup group;
    if (by == UsageBy::kDay) {
      group.begins_at = WallTime(std::chrono::days(query->Integer(0)) - question.utc_offset);
    } else if (by == UsageBy::kHour) {
      group.begins_at = WallTime(hours(query->Integer(0)));
    } else {
      group.of = query->Text(0);
    }
    group.sum = SumOf(*query);
    groups.push_back(std::move(group));
  }
}

}  // namespace

void SumChanges::Count(const UsageRecord& usage, std::int64_t times) {
  const std::string tier(TierOf(usage));
  UsageSum& sum = hours_[HourKey(HourOf(usage.started_at), usage.client_key.str(), usage.account.str(), usage.provider,
                                 usage.wire_model, tier)];
  sum.requests += times;
  if (usage.outcome == kFailed) sum.failed += times;
  if (usage.outcome == kAbandoned) sum.abandoned += times;
  if (usage.outcome == kOutcomeLost) sum.lost += times;
  if (usage.usage_estimated) sum.estimated += times;
  if (!usage.cost_nano_dollars) sum.unpriced += times;
  sum.input_tokens += times * usage.input_tokens;
  sum.cached_input_tokens += times * usage.cached_input_tokens;
  sum.cache_write_tokens += times * usage.cache_write_tokens;
  sum.output_tokens += times * usage.output_tokens;
  sum.reasoning_tokens += times * usage.reasoning_tokens;
  (usage.subscription ? sum.subscription_nano_dollars : sum.cost_nano_dollars) +=
      times * usage.cost_nano_dollars.value_or(0);
  sum.total_ms += times * usage.total.count();
  if (usage.first_output) {
    sum.first_output_ms += times * usage.first_output->count();
    sum.first_outputs += times;
  }
  // OCM counts no call that used nothing (ocm.md §8), and no budget does.
  if (usage.input_tokens == 0 && usage.output_tokens == 0) return;
  if (!usage.outside_budgets && !usage.client_key.empty()) {
    KeyDay& day = key_days_[{DayOf(usage.started_at), usage.client_key.str()}];
    day.tokens += times * (usage.input_tokens + usage.output_tokens);
    day.nano_dollars += times * usage.cost_nano_dollars.value_or(0);
  }
  const std::int64_t week = usage.week_started_at ? usage.week_started_at->time_since_epoch().count() : 0;
  WeekUsage& weekly = weeks_[WeekKey(week, usage.wire_model, tier, usage.long_context, usage.client_key.str())];
  weekly.requests += times;
  weekly.input_tokens += times * usage.input_tokens;
  weekly.cached_input_tokens += times * usage.cached_input_tokens;
  weekly.output_tokens += times * usage.output_tokens;
  weekly.cost_nano_dollars += times * usage.cost_nano_dollars.value_or(0);
}

Result<void> SumChanges::Write(sqlite::Database& database) const {
  RETURN_IF_ERROR(WriteHours(database));
  RETURN_IF_ERROR(WriteKeyDays(database));
  return WriteWeeks(database);
}

Result<void> SumChanges::WriteHours(sqlite::Database& database) const {
  for (const auto& [key, sum] : hours_) {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare(
            "INSERT INTO usage_hours(hour, client_key_id, account, provider, model, tier, requests, failed, abandoned,"
            " lost, estimated, unpriced, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,"
            " reasoning_tokens, cost_nano, subscription_nano, total_ms, first_output_ms, first_outputs)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " requests=requests+excluded.requests, failed=failed+excluded.failed,"
            " abandoned=abandoned+excluded.abandoned, lost=lost+excluded.lost, estimated=estimated+excluded.estimated,"
            " unpriced=unpriced+excluded.unpriced, input_tokens=input_tokens+excluded.input_tokens,"
            " cached_input_tokens=cached_input_tokens+excluded.cached_input_tokens,"
            " cache_write_tokens=cache_write_tokens+excluded.cache_write_tokens,"
            " output_tokens=output_tokens+excluded.output_tokens,"
            " reasoning_tokens=reasoning_tokens+excluded.reasoning_tokens, cost_nano=cost_nano+excluded.cost_nano,"
            " subscription_nano=subscription_nano+excluded.subscription_nano, total_ms=total_ms+excluded.total_ms,"
            " first_output_ms=first_output_ms+excluded.first_output_ms,"
            " first_outputs=first_outputs+excluded.first_outputs"));
    const auto& [hour, client_key, account, provider, model, tier] = key;
    query->Bind(hour).Bind(client_key).Bind(account).Bind(provider).Bind(model).Bind(tier);
    for (const std::int64_t value :
         {sum.requests, sum.failed, sum.abandoned, sum.lost, sum.estimated, sum.unpriced, sum.input_tokens,
          sum.cached_input_tokens, sum.cache_write_tokens, sum.output_tokens, sum.reasoning_tokens,
          sum.cost_nano_dollars, sum.subscription_nano_dollars, sum.total_ms, sum.first_output_ms, sum.first_outputs}) {
      query->Bind(value);
    }
    RETURN_IF_ERROR(query->Run());
  }
  return {};
}

Result<void> SumChanges::WriteWeeks(sqlite::Database& database) const {
  for (const auto& [key, week] : weeks_) {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare(
            "INSERT INTO usage_weeks(week_started_at, model, tier, long_context, client_key_id, requests, input_tokens,"
            " cached_input_tokens, output_tokens, cost_nano) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " requests=requests+excluded.requests, input_tokens=input_tokens+excluded.input_tokens,"
            " cached_input_tokens=cached_input_tokens+excluded.cached_input_tokens,"
            " output_tokens=output_tokens+excluded.output_tokens, cost_nano=cost_nano+excluded.cost_nano"));
    const auto& [started_at, model, tier, long_context, client_key] = key;
    query->Bind(started_at).Bind(model).Bind(tier).Bind(std::int64_t{long_context ? 1 : 0}).Bind(client_key);
    query->Bind(week.requests).Bind(week.input_tokens).Bind(week.cached_input_tokens).Bind(week.output_tokens);
    RETURN_IF_ERROR(query->Bind(week.cost_nano_dollars).Run());
  }
  return {};
}

Result<void> SumChanges::WriteKeyDays(sqlite::Database& database) const {
  for (const auto& [key, used] : key_days_) {
    ASSIGN_OR_RETURN(auto query,
                     database.Prepare("INSERT INTO key_days(day, client_key_id, tokens, cost_nano) VALUES (?,?,?,?)"
                                      " ON CONFLICT DO UPDATE SET tokens=tokens+excluded.tokens,"
                                      " cost_nano=cost_nano+excluded.cost_nano"));
    query->Bind(key.first).Bind(key.second).Bind(used.tokens);
    RETURN_IF_ERROR(query->Bind(used.nano_dollars).Run());
  }
  return {};
}

Result<std::vector<KeyDay>> LoadKeyDays(sqlite::Database& database, std::chrono::sys_days since) {
  std::vector<KeyDay> key_days;
  ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT client_key_id, day, tokens, cost_nano FROM key_days"
                                                " WHERE day>=? ORDER BY day, client_key_id"));
  query->Bind(std::int64_t{since.time_since_epoch().count()});
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return key_days;
    const std::chrono::sys_days day{std::chrono::days(query->Integer(1))};
    key_days.push_back({ClientKeyId(query->Text(0)), day, query->Integer(2), query->Integer(3)});
  }
}

Result<void> ForgetKeyDays(sqlite::Database& database) {
  ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM key_days WHERE day < (SELECT MIN(day) FROM"
                                                " (SELECT DISTINCT day FROM key_days ORDER BY day DESC LIMIT ?))"));
  return query->Bind(kKeyDaysKept).Run();
}

Result<UsageSums> SumUsage(sqlite::Database& database, const UsageQuestion& question, WallTime forgotten_until) {
  UsageSums sums;
  sums.since = question.filter.since.value_or(WallTime{});
  sums.until = question.filter.until.value_or(WallTime{});
  // Part of an hour is only known by its rows.
  if (std::chrono::floor<hours>(sums.since) <= forgotten_until) sums.since = std::chrono::floor<hours>(sums.since);
  if (std::chrono::floor<hours>(sums.until) <= forgotten_until) sums.until = std::chrono::ceil<hours>(sums.until);
  const Span span = SpanOf(sums.since, sums.until);
  ASSIGN_OR_RETURN(const auto all, Groups(database, question, UsageBy::kAll, span, 1));
  if (!all.empty()) sums.all = all.front().sum;
  if (question.by == UsageBy::kAll) return sums;
  const auto limit = static_cast<std::size_t>(question.limit);
  ASSIGN_OR_RETURN(sums.groups, Groups(database, question, question.by, span, std::int64_t{question.limit} + 1));
  sums.more = sums.groups.size() > limit;
  if (sums.more) sums.groups.resize(limit);
  return sums;
}

Result<std::vector<WeekUsage>> LoadWeeks(sqlite::Database& database) {
  std::vector<WeekUsage> weeks;
  ASSIGN_OR_RETURN(auto query,
                   database.Prepare("SELECT week_started_at, model, tier, long_context, client_key_id, requests,"
                                    " input_tokens, cached_input_tokens, output_tokens, cost_nano FROM usage_weeks"
                                    " ORDER BY week_started_at, model, tier, long_context, client_key_id"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return weeks;
    WeekUsage week;
    if (query->Integer(0) != 0) week.week_started_at = query->Time(0);
    week.model = query->Text(1);
    week.tier = query->Text(2);
    week.long_context = query->Integer(3) != 0;
    week.client_key = query->Text(4);
    week.requests = query->Integer(5);
    week.input_tokens = query->Integer(6);
    week.cached_input_tokens = query->Integer(7);
    week.output_tokens = query->Integer(8);
    week.cost_nano_dollars = query->Integer(9);
    weeks.push_back(std::move(week));
  }
}

}  // namespace patchbay::accounts
