// patchbay accounts add, patchbay accounts import.

#include "cli/accounts_import.h"

#include <filesystem>
#include <system_error>

#include "cli/account_table.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "cli/input.h"
#include "lib/base/text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct NewAccount {
  SecretSource token;
  std::string key_file;
  SecretSource refresh_token;
  std::string label;
  std::string account_id;
  std::string provider;
};

// The one key that a file, or standard input for "-", holds.
Result<Secret> ReadKeyFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadAll(file));
  const std::string name = file == "-" ? "standard input" : file;
  const std::string_view key = Trim(text);
  if (key.empty()) return UsageError(name + " is empty: put the key into it, alone on one line");
  if (key.find('\n') != std::string_view::npos) {
    return UsageError(name + " holds more than one line: put one key into it, alone on one line");
  }
  return Secret(std::string(key));
}

Result<void> Add(const Context& context, const NewAccount& account) {
  if (!account.key_file.empty() && !(account.token.value.empty() && account.token.file.empty())) {
    return UsageError("give a key or a token, not both");
  }
  Secret key;
  if (!account.key_file.empty()) {
    ASSIGN_OR_RETURN(key, ReadKeyFile(account.key_file));
  }
  // When both come from standard input, the access token is the first line.
  ASSIGN_OR_RETURN(const auto token, ReadSecret(account.token, "PATCHBAY_TOKEN"));
  ASSIGN_OR_RETURN(const auto refresh_token, ReadSecret(account.refresh_token, "PATCHBAY_REFRESH_TOKEN"));
  // Of a provider that was named, the gateway knows what it needs.
  if (key.empty() && token.empty() && refresh_token.empty() && account.provider.empty()) {
    return UsageError(
        "give --provider and --key-file; or --token, --token-file or $PATCHBAY_TOKEN, or the same for a refresh token; "
        "or use `patchbay accounts import`");
  }
  accounts::v1::AddAccountRequest request;
  request.set_provider(account.provider);
  request.set_label(account.label);
  request.set_access_token(key.empty() ? token.Reveal() : key.Reveal());
  request.set_refresh_token(refresh_token.Reveal());
  request.set_provider_account_id(account.account_id);
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.accounts(), &AccountAdmin::Stub::AddAccount, request, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(std::string(reply.created() ? "added " : "updated ") + Printable(Describe(reply.account())) + "\n");
  }
  return {};
}

Result<void> Import(const Context& context, const accounts::v1::ImportAccountsRequest& request) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.accounts(), &AccountAdmin::Stub::ImportAccounts, request, kLongCallTimeout));
  int failed = 0;
  std::string out;
  for (int i = 0; i < reply.items_size(); ++i) {
    const auto& item = reply.items(i);
    if (item.error().empty()) {
      out += Paint(context.colour, Colour::kGood, item.created() ? "added" : "updated") + "  " +
             Printable(Describe(item.account())) + "\n";
      if (!item.account().shared_file().empty()) out += "shared with " + Printable(item.account().shared_file()) + "\n";
    } else {
      ++failed;
      out += Paint(context.colour, Colour::kBad, "failed") + "  account " + std::to_string(i + 1) + ": " +
             Printable(item.error()) + "\n";
    }
  }
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(out);
  }
  if (reply.items().empty()) return Error(ErrorCode::kFailedPrecondition, "the document holds no account");
  if (failed == 0) return {};
  return Error(ErrorCode::kFailedPrecondition,
               std::to_string(failed) + " of " + std::to_string(reply.items_size()) + " accounts were not imported");
}

}  // namespace

Result<void> ImportAccounts(const Context& context, const std::string& file, const std::string& label) {
  ASSIGN_OR_RETURN(auto document, ReadAll(file));
  accounts::v1::ImportAccountsRequest request;
  request.set_document(std::move(document));
  request.set_label(label);
  return Import(context, request);
}

Result<void> ShareLogin(const Context& context, const std::string& file, const std::string& label) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(file, error).lexically_normal();
  if (error) return UsageError("no such file: " + file);
  accounts::v1::ImportAccountsRequest request;
  request.set_shared_file(path.string());
  request.set_label(label);
  return Import(context, request);
}

void AddAccountImportCommands(CLI::App& accounts, Context& context) {
  auto account = std::make_shared<NewAccount>();
  auto* add = accounts.add_subcommand("add", "Add one account by its key or its tokens");
  add->add_option("--token", account->token.value,
                  "Access token; - reads a line of standard input, which keeps it out of `ps`");
  add->add_option("--token-file", account->token.file, "File with the access token. Else: $PATCHBAY_TOKEN");
  add->add_option("--refresh-token", account->refresh_token.value, "Refresh token; - reads a line of standard input");
  add->add_option("--refresh-token-file", account->refresh_token.file,
                  "File with the refresh token. Else: $PATCHBAY_REFRESH_TOKEN");
  add->add_option("--label", account->label, "A name for people");
  add->add_option("--account-id", account->account_id,
                  "The provider's id of the account, when the token does not tell");
  add->add_option("--provider", account->provider,
                  "Which provider (see `patchbay providers list`); the default one when not given");
  add->add_option("--key-file", account->key_file,
                  "File with the provider's API key, alone on one line; - for standard input");
  context.On(*add, [&context, account] { return Add(context, *account); });

  auto file = std::make_shared<std::string>();
  auto* import =
      accounts.add_subcommand("import", "Add accounts from a document: Codex CLI's auth.json, or {\"accounts\":[…]}");
  import->add_option("file", *file, "The document; - for standard input")->required();
  import->add_option("--label", account->label, "A name for people, when the document holds one account");
  context.On(*import, [&context, file, account] { return ImportAccounts(context, *file, account->label); });
}

}  // namespace patchbay::cli
