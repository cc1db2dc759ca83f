// patchbay accounts list|show|enable|disable|label|update|clear|recheck|rm|refresh|explain. (accounts_import.cc: add,
// import)

#include <optional>
#include <sstream>

#include "cli/account_table.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/explain_page.h"
#include "cli/gateway.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct AccountArguments {
  std::string account;
  std::string label;
  std::optional<int> priority;
  std::optional<int> weight;
  std::optional<std::string> tags;
  bool not_shared = false;
  std::string model;
  std::string affinity_key;
  std::string client_key;
  bool force = false;
};

Result<void> List(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListAccounts, {}));
  if (context.json) {
    PrintJson(reply);
  } else if (reply.accounts().empty()) {
    Print("no account yet; add one with `patchbay login`, `patchbay login --import` or `patchbay accounts add`\n");
  } else {
    Print(AccountTable(reply.accounts(), Now()).Render(context.colour));
  }
  return {};
}

Result<void> Show(const Context& context, const AccountArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::GetAccountRequest request;
  request.set_account(arguments.account);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::GetAccount, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(AccountPage(reply.account(), Now(), context.colour));
  }
  return {};
}

Result<void> Update(const Context& context, accounts::v1::UpdateAccountRequest request, const std::string& done) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::UpdateAccount, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(done + " " + Printable(Describe(reply.account())) + "\n");
  }
  return {};
}

Result<void> Remove(const Context& context, const AccountArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::RemoveAccountRequest request;
  request.set_account(arguments.account);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::RemoveAccount, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print("removed " + Printable(reply.ref()) + "\n");
  }
  return {};
}

Result<void> Refresh(const Context& context, const AccountArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::RefreshAccountRequest request;
  request.set_account(arguments.account);
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.accounts(), &AccountAdmin::Stub::RefreshAccount, request, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print("refreshed " + Printable(Describe(reply.account())) + ", token expires " +
          HumanTime(reply.account().token_expires_at(), Now()) + "\n");
  }
  return {};
}

Result<void> Clear(const Context& context, const AccountArguments& arguments) {
  if (!arguments.force) {
    return UsageError(
        "clear forgets what was seen without asking the provider, and clients' requests find out whether that was "
        "right; `patchbay accounts recheck " +
        Printable(arguments.account) + "` asks. To clear all the same: --force");
  }
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ClearAccountRequest request;
  request.set_account(arguments.account);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ClearAccount, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print("cleared " + Printable(Describe(reply.account())) + "\n");
  }
  return {};
}

// One after another: whoever has many accounts is in no hurry to be noticed by their provider.
Result<void> Recheck(const Context& context, std::vector<std::string> accounts) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  if (accounts.empty()) {
    ASSIGN_OR_RETURN(const auto all, Call(gateway.accounts(), &AccountAdmin::Stub::ListAccounts, {}));
    for (const auto& account : all.accounts()) accounts.push_back(account.ref());
  }
  int untold = 0;
  for (const std::string& account : accounts) {
    accounts::v1::RecheckAccountRequest request;
    request.set_account(account);
    ASSIGN_OR_RETURN(const auto reply,
                     Call(gateway.accounts(), &AccountAdmin::Stub::RecheckAccount, request, kLongCallTimeout));
    untold += reply.problem().empty() ? 0 : 1;
    if (context.json) {
      Print(ToJson(reply, /*compact=*/true) + "\n");
    } else {
      Print(RecheckLine(reply, Now()) + "\n");
    }
    if (std::fflush(stdout) != 0) return {};  // the reader has gone
  }
  if (untold == 0) return {};
  return Error(ErrorCode::kFailedPrecondition, std::to_string(untold) + " of " + std::to_string(accounts.size()) +
                                                   " accounts could not be asked; they are as they were");
}

Result<void> Explain(const Context& context, const AccountArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ExplainRequest request;
  request.set_model(arguments.model);
  request.set_affinity_key(arguments.affinity_key);
  request.set_client_key(arguments.client_key);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::Explain, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(ExplainPage(reply, Now(), context.colour));
  }
  return {};
}

}  // namespace

void AddAccountCommands(CLI::App& app, Context& context) {
  auto* accounts = app.add_subcommand("accounts", "Add, list, change and remove accounts");
  accounts->require_subcommand(1);
  AddAccountImportCommands(*accounts, context);
  AddAccountQuotaCommands(*accounts, context);

  auto arguments = std::make_shared<AccountArguments>();
  const auto command = [&](const char* name, const char* help) {
    auto* added = accounts->add_subcommand(name, help);
    added->add_option("account", arguments->account, "Its ref, its label, or an unambiguous beginning of its ref")
        ->required();
    return added;
  };
  const auto update = [arguments](auto change) {
    accounts::v1::UpdateAccountRequest request;
    request.set_account(arguments->account);
    change(request);
    return request;
  };

  context.On(*accounts->add_subcommand("list", "Every account and its state"), [&context] { return List(context); });
  context.On(*command("show", "Everything known about one account"),
             [&context, arguments] { return Show(context, *arguments); });
  context.On(*command("enable", "Let a disabled account serve again"), [&context, update] {
    return Update(context, update([](auto& request) { request.set_enabled(true); }), "enabled");
  });
  context.On(*command("disable", "Keep an account from serving"), [&context, update] {
    return Update(context, update([](auto& request) { request.set_enabled(false); }), "disabled");
  });
  auto* clear = command("clear", "Forget throttles, exhaustion, bans and expiry without asking the provider");
  clear->add_flag("--force", arguments->force, "You know better than what was seen");
  context.On(*clear, [&context, arguments] { return Clear(context, *arguments); });
  auto* recheck = accounts->add_subcommand(
      "recheck", "Ask the provider how accounts stand, one by one; only what it says lifts a mark");
  auto to_recheck = std::make_shared<std::vector<std::string>>();
  recheck->add_option("accounts", *to_recheck, "Their refs or labels; all when none is given");
  context.On(*recheck, [&context, to_recheck] { return Recheck(context, *to_recheck); });
  auto* label = command("label", "Give an account another label");
  label->add_option("label", arguments->label, "The label")->required();
  context.On(*label, [&context, update, arguments] {
    return Update(context, update([&](auto& request) { request.set_label(arguments->label); }), "labelled");
  });
  auto* change = command(
      "update", "Change who is chosen first, how large this one's share is, whom it serves, or whose its login is");
  change->add_option("--priority", arguments->priority,
                     "Accounts of a lower priority serve only when none of a higher one can; 0 unless said otherwise");
  change->add_option("--weight", arguments->weight,
                     "Its share among accounts of its priority; 1 unless said otherwise");
  change->add_option("--tags", arguments->tags, "The tags it has from now on, separated by commas; none: --tags ''");
  change->add_flag("--not-shared", arguments->not_shared,
                   "Its login is its own from now on; the file of the other program is left alone");
  context.On(*change, [&context, update, arguments]() -> Result<void> {
    if (!arguments->priority && !arguments->weight && !arguments->tags && !arguments->not_shared) {
      return Error(ErrorCode::kInvalidArgument, "nothing to change: give --priority, --weight, --tags or --not-shared");
    }
    return Update(context, update([&](auto& request) {
                    if (arguments->priority) request.set_priority(*arguments->priority);
                    request.set_not_shared(arguments->not_shared);
                    if (arguments->weight) request.set_weight(*arguments->weight);
                    if (arguments->tags) {
                      auto& tags = *request.mutable_tags();
                      std::istringstream words(*arguments->tags);
                      for (std::string tag; std::getline(words, tag, ',');) tags.add_tags(tag);
                    }
                  }),
                  "updated");
  });
  context.On(*command("rm", "Remove an account and its tokens; its usage stays"),
             [&context, arguments] { return Remove(context, *arguments); });
  context.On(*command("refresh", "Refresh an account's token now"),
             [&context, arguments] { return Refresh(context, *arguments); });

  auto* explain =
      accounts->add_subcommand("explain", "Say for each account whether it would be chosen now, and why not");
  explain->add_option("--model", arguments->model, "The model as a client names it")->required();
  explain->add_option("--key", arguments->client_key, "The client key that asks, by its name or id");
  explain->add_option("--affinity-key", arguments->affinity_key, "A conversation's key, as `patchbay trace` shows it");
  context.On(*explain, [&context, arguments] { return Explain(context, *arguments); });
}

}  // namespace patchbay::cli
