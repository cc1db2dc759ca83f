// patchbay accounts quota|history|credits|redeem: what accounts have left.

#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/quota_table.h"
#include "lib/config/units.h"
#include "lib/time/proto_time.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct QuotaArguments {
  std::string account;
  std::string since = "24h";
  std::string credit;
  std::string redeem_id;
};

Result<void> ShowQuota(const Context& context, const QuotaArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::GetQuotaRequest request;
  request.set_account(arguments.account);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::GetQuota, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  if (reply.accounts().empty()) {
    Print("no account yet\n");
    return {};
  }
  std::string page = QuotaTable(reply, Now()).Render(context.colour);
  for (const auto& pool : reply.pools()) page += Printable(ForecastLine(pool, Now())) + "\n";
  Print(page);
  return {};
}

Result<void> ShowHistory(const Context& context, const QuotaArguments& arguments) {
  ASSIGN_OR_RETURN(const auto since, config::ParseDuration(arguments.since));
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ListQuotaHistoryRequest request;
  request.set_account(arguments.account);
  SetTimestamp(Now() - since, request.mutable_since());
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListQuotaHistory, request));
  if (context.json) {
    PrintJson(reply);
  } else if (reply.points().empty()) {
    Print("no reading is kept of that time\n");
  } else {
    Print(HistoryTable(reply, Now()).Render(context.colour));
  }
  return {};
}

Result<void> ShowResetCredits(const Context& context, const QuotaArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ListResetCreditsRequest request;
  request.set_account(arguments.account);
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.accounts(), &AccountAdmin::Stub::ListResetCredits, request, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  const std::string table = reply.credits().empty() ? "" : ResetCreditTable(reply, Now()).Render(context.colour);
  Print(table + std::to_string(reply.available()) + " to redeem\n");
  return {};
}

Result<void> Redeem(const Context& context, const QuotaArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::RedeemResetCreditRequest request;
  request.set_account(arguments.account);
  request.set_credit(arguments.credit);
  request.set_redeem_id(arguments.redeem_id);
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.accounts(), &AccountAdmin::Stub::RedeemResetCredit, request, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(Printable(reply.outcome()) + ": " + std::to_string(reply.windows_reset()) +
          (reply.windows_reset() == 1 ? " window was reset\n" : " windows were reset\n"));
  }
  return {};
}

}  // namespace

void AddAccountQuotaCommands(CLI::App& accounts, Context& context) {
  auto arguments = std::make_shared<QuotaArguments>();
  const auto command = [&](const char* name, const char* help) {
    auto* added = accounts.add_subcommand(name, help);
    return std::pair(added, added->add_option("account", arguments->account,
                                              "Its ref, its label, or an unambiguous beginning of its ref"));
  };
  context.On(*command("quota", "What accounts have left, and when they run dry at the present rate").first,
             [&context, arguments] { return ShowQuota(context, *arguments); });
  const auto [history, of] = command("history", "Readings of an account's windows over time");
  of->required();
  history->add_option("--since", arguments->since, "How far back, as in 24h or 30m")->capture_default_str();
  context.On(*history, [&context, arguments] { return ShowHistory(context, *arguments); });
  const auto [credits, whose] = command("credits", "Credits that reset an account's windows: asks the provider");
  whose->required();
  context.On(*credits, [&context, arguments] { return ShowResetCredits(context, *arguments); });
  const auto [redeem, which] = command("redeem", "Redeem a credit, so that the account serves again at once");
  which->required();
  redeem->add_option("--credit", arguments->credit, "Which; else whichever the provider takes");
  redeem->add_option("--redeem-id", arguments->redeem_id, "Of an attempt before: nothing is redeemed twice");
  context.On(*redeem, [&context, arguments] { return Redeem(context, *arguments); });
}

}  // namespace patchbay::cli
