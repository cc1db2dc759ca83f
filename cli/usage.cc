// patchbay usage: the last requests, and what they add up to.

#include <ctime>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/moment.h"
#include "cli/usage_table.h"
#include "lib/time/proto_time.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;
using std::chrono::minutes;

struct UsageSelection {
  int limit = 0;
  std::string request_id;
  std::string by, since, until, format = "table";
  std::string key, account, provider, model;
};

const std::vector<std::string> kByWords = {"key", "account", "provider", "model", "day", "hour"};

accounts::v1::UsageBy ByOf(const std::string& word) {
  if (word == "key") return accounts::v1::USAGE_BY_KEY;
  if (word == "account") return accounts::v1::USAGE_BY_ACCOUNT;
  if (word == "provider") return accounts::v1::USAGE_BY_PROVIDER;
  if (word == "model") return accounts::v1::USAGE_BY_MODEL;
  return word == "day" ? accounts::v1::USAGE_BY_DAY : accounts::v1::USAGE_BY_HOUR;
}

// What the clock of whoever asks shows more than UTC now.
minutes OffsetHere(WallTime now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return std::chrono::duration_cast<minutes>(std::chrono::seconds(parts.tm_gmtoff));
}

Result<accounts::v1::UsageFilter> FilterOf(const UsageSelection& selection, WallTime now) {
  accounts::v1::UsageFilter filter;
  filter.set_client_key_id(selection.key);
  filter.set_account(selection.account);
  filter.set_provider(selection.provider);
  filter.set_model(selection.model);
  if (!selection.since.empty()) {
    ASSIGN_OR_RETURN(const WallTime since, ParseMoment(selection.since, now, OffsetHere(now)));
    SetTimestamp(since, filter.mutable_since());
  }
  if (!selection.until.empty()) {
    ASSIGN_OR_RETURN(const WallTime until, ParseMoment(selection.until, now, OffsetHere(now)));
    SetTimestamp(until, filter.mutable_until());
  }
  return filter;
}

Result<void> Rows(const Context& context, const UsageSelection& selection) {
  accounts::v1::ListUsageRequest request;
  ASSIGN_OR_RETURN(*request.mutable_filter(), FilterOf(selection, Now()));
  constexpr int kRowsShown = 20;
  request.set_limit(selection.limit == 0 ? kRowsShown : selection.limit);
  request.set_request_id(selection.request_id);
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListUsage, request));
  if (context.json || selection.format == "json") {
    PrintJson(reply);
  } else if (selection.format == "csv") {
    Print(UsageRowCsv(reply));
  } else if (reply.rows().empty()) {
    Print(reply.total_rows() == 0 ? "no usage yet\n" : "no such request\n");
  } else {
    Print(UsageRowTable(reply, Now()).Render(context.colour) + HumanCount(reply.rows_size()) + " of " +
          HumanCount(reply.total_rows()) + " requests\n");
  }
  return {};
}

Result<void> Sums(const Context& context, const UsageSelection& selection) {
  accounts::v1::GetUsageRequest request;
  ASSIGN_OR_RETURN(*request.mutable_filter(), FilterOf(selection, Now()));
  request.set_by(ByOf(selection.by));
  request.set_limit(selection.limit);
  SetDuration(OffsetHere(Now()), request.mutable_utc_offset());
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::GetUsage, request));
  if (context.json || selection.format == "json") {
    PrintJson(reply);
  } else if (selection.format == "csv") {
    Print(UsageSumCsv(selection.by, reply));
  } else {
    Print(UsageSumTable(selection.by, reply).Render(context.colour) + (reply.more() ? "and more; see -n\n" : "") +
          "since " + HumanTime(reply.since(), Now()) + "\n");
  }
  return {};
}

}  // namespace

void AddUsageCommands(CLI::App& app, Context& context) {
  auto selection = std::make_shared<UsageSelection>();
  auto* usage = app.add_subcommand("usage", "The last requests: model, account, tokens, cost, times; or their sums");
  usage->add_option("--by", selection->by, "Sums by key, account, provider, model, day or hour")
      ->check(CLI::IsMember(kByWords));
  usage->add_option("--since", selection->since, "From when on: 7d, 36h, today, 2026-11-01 (sums: 30d)");
  usage->add_option("--until", selection->until, "Until when");
  usage->add_option("--key", selection->key, "Only of this client key, by its name or id");
  usage->add_option("--account", selection->account, "Only of this account");
  usage->add_option("--provider", selection->provider, "Only of this provider");
  usage->add_option("--model", selection->model, "Only of this model, as the provider calls it");
  usage->add_option("--format", selection->format, "table, json or csv")
      ->capture_default_str()
      ->check(CLI::IsMember(std::vector<std::string>{"table", "json", "csv"}));
  usage->add_option("-n,--limit", selection->limit, "How many requests (20) or sums (1000)")
      ->check(CLI::Range(1, 10'000));
  usage->add_option("--request-id", selection->request_id, "Only this request");
  context.On(*usage, [&context, selection] {
    return selection->by.empty() ? Rows(context, *selection) : Sums(context, *selection);
  });
}

}  // namespace patchbay::cli
