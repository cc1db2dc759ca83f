// patchbay accounts list|show|enable|disable|label|update|clear|rm|refresh|explain. (accounts_import.cc: add, import)

#include <optional>

#include "cli/account_table.h"
#include "cli/commands.h"
#include "cli/gateway.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct AccountArguments {
  std::string account;
  std::string label;
  std::optional<int> priority;
  std::optional<int> weight;
  std::optional<std::vector<std::string>> tags;
  bool not_shared = false;
  std::string model;
  std::string affinity_key;
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

Result<void> Explain(const Context& context, const AccountArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ExplainRequest request;
  request.set_model(arguments.model);
  request.set_affinity_key(arguments.affinity_key);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::Explain, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  Table table({"", "ACCOUNT", "LABEL", "ELIGIBLE", "UNTIL", "REASON"});
  for (const auto& account : reply.accounts()) {
    const bool chosen = account.account() == reply.chosen();
    table.Add({{chosen ? "→" : "", Colour::kGood},
               account.account(),
               account.label().empty() ? "-" : account.label(),
               {account.eligible() ? "yes" : "no", account.eligible() ? Colour::kGood : Colour::kWarn},
               HumanTime(account.until(), Now()),
               account.reason()});
  }
  const auto verdict = reply.chosen().empty() ? "none would be chosen" : reply.chosen() + " would be chosen";
  Print((table.empty() ? "" : table.Render(context.colour) + "\n") + Printable(verdict) +
        (reply.reason().empty() ? "" : ": " + Printable(reply.reason())) + "\n");
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
  context.On(*command("clear", "Forget throttles, exhaustion, bans and expiry: you know better"), [&context, update] {
    return Update(context, update([](auto& request) { request.set_clear_marks(true); }), "cleared");
  });
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
  change->add_option("--tags", arguments->tags, "The tags it has from now on, separated by commas; none: --tags ''")
      ->delimiter(',');
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
                      for (const auto& tag : *arguments->tags) {
                        if (!tag.empty()) tags.add_tags(tag);
                      }
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
  explain->add_option("--affinity-key", arguments->affinity_key, "A conversation's key");
  context.On(*explain, [&context, arguments] { return Explain(context, *arguments); });
}

}  // namespace patchbay::cli
