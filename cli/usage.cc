// patchbay usage: what was asked of which account, newest first.

#include "cli/commands.h"
#include "cli/gateway.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct UsageSelection {
  int limit = 20;
  std::string request_id;
};

Colour ColourOf(accounts::v1::Outcome outcome) {
  if (outcome == accounts::v1::OUTCOME_SUCCEEDED) return Colour::kGood;
  return outcome == accounts::v1::OUTCOME_FAILED ? Colour::kBad : Colour::kWarn;
}

// "openai:gpt-5.5 priority": who was asked, for which of its models, in which tier.
std::string AtProvider(const accounts::v1::UsageRow& row) {
  std::string text = row.provider();
  if (!row.wire_model().empty()) text += (text.empty() ? "" : ":") + row.wire_model();
  if (!row.service_tier().empty()) text += " " + row.service_tier();
  return text;
}

Result<void> Usage(const Context& context, const UsageSelection& selection) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ListUsageRequest request;
  request.set_limit(selection.limit);
  request.set_request_id(selection.request_id);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListUsage, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  Table table({"WHEN", "REQUEST", "KEY", "MODEL", "AT PROVIDER", "ACCOUNT", "OUTCOME", ">INPUT", ">CACHED", ">OUTPUT",
               ">FIRST", ">TOTAL", ">TRIES", "FAILURE"});
  for (const auto& row : reply.rows()) {
    table.Add({HumanTime(row.started_at(), Now()),
               row.request_id(),
               row.client_key_id(),
               row.model(),
               AtProvider(row),
               row.account(),
               {HumanEnum(accounts::v1::Outcome_Name(row.outcome()), "OUTCOME_"), ColourOf(row.outcome())},
               HumanCount(row.usage().input_tokens()),
               HumanCount(row.usage().cached_input_tokens()),
               (row.usage_estimated() ? "~" : "") + HumanCount(row.usage().output_tokens()),
               row.has_first_output() ? HumanDuration(ToMilliseconds(row.first_output())) : "-",
               HumanDuration(ToMilliseconds(row.total())),
               std::to_string(row.attempts()),
               row.failure()});
  }
  if (table.empty()) {
    Print("no usage yet\n");
  } else {
    Print(table.Render(context.colour) + HumanCount(reply.rows_size()) + " of " + HumanCount(reply.total_rows()) +
          " requests\n");
  }
  return {};
}

}  // namespace

void AddUsageCommands(CLI::App& app, Context& context) {
  auto selection = std::make_shared<UsageSelection>();
  auto* usage = app.add_subcommand("usage", "The last requests: model, account, tokens, times");
  usage->add_option("-n,--limit", selection->limit, "How many")->capture_default_str()->check(CLI::Range(1, 10'000));
  usage->add_option("--request-id", selection->request_id, "Only this request");
  context.On(*usage, [&context, selection] { return Usage(context, *selection); });
}

}  // namespace patchbay::cli
