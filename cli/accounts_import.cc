// patchbay accounts add, patchbay accounts import.

#include "cli/accounts_import.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/account_table.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "cli/input.h"
#include "cli/login_file.h"
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

struct ExportArguments {
  std::string file;
  bool full = false;
  std::vector<std::string> accounts;
};

// Accounts of one call: each may have to be asked for at its provider.
constexpr int kImportedAtOnce = 100;
constexpr int kImportedParts = 10;  // of a long document, at most one more

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

// How far a long import is, for somebody who looks at a terminal.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)), shown_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (told_) std::fputs("\n", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void Tell(int done, int total) const {
    if (!shown_ || total <= kImportedAtOnce) return;
    std::fprintf(stderr, "\r%d of %d %s", done, total, what_.c_str());
    told_ = true;
  }

 private:
  std::string what_;
  bool shown_;
  mutable bool told_ = false;
};

// To a file that nobody else may read, or to standard output where that is no terminal: it holds secrets.
Result<void> Export(const Context& context, const ExportArguments& arguments) {
  if (arguments.file.empty() && isatty(STDOUT_FILENO) == 1) {
    return UsageError("the document holds secrets: name a file with --output, or send it elsewhere");
  }
  accounts::v1::ExportAccountsRequest request;
  request.set_format(arguments.full ? accounts::v1::EXPORT_FORMAT_FULL : accounts::v1::EXPORT_FORMAT_MINIMAL);
  for (const std::string& account : arguments.accounts) request.add_accounts(account);
  std::optional<NewSecretFile> file;
  if (!arguments.file.empty()) {
    ASSIGN_OR_RETURN(auto created, NewSecretFile::Create(arguments.file));
    file.emplace(std::move(created));
  }
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ExportAccounts, request));
  if (!file) {
    Print(reply.document());
    return {};
  }
  RETURN_IF_ERROR(std::move(*file).Write(Secret(reply.document())));
  Print(std::to_string(reply.accounts()) + " accounts exported to " + Printable(arguments.file) +
        ". Whoever reads it can use them. A refresh token works once: do not let two programs use the same account.\n");
  return {};
}

Result<void> Import(const Context& context, accounts::v1::ImportAccountsRequest request) {
  request.set_count(kImportedAtOnce);
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ImportAccountsReply reply;
  const Progress progress("accounts imported");
  do {
    auto part = Call(gateway.accounts(), &AccountAdmin::Stub::ImportAccounts, request, kLongCallTimeout);
    if (!part.ok()) {
      Error error = std::move(part).error();
      if (reply.items_size() > 0) {
        error.message += " (after " + std::to_string(reply.items_size()) + " of " + std::to_string(reply.total()) +
                         " accounts; the same import again makes none of them twice)";
      }
      return error;
    }
    reply.MergeFrom(*part);
    request.set_first(request.first() + request.count());
    // The whole document goes with every part, and is read each time.
    request.set_count(std::max(kImportedAtOnce, reply.total() / kImportedParts));
    progress.Tell(reply.items_size(), reply.total());
  } while (request.first() < reply.total());
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
  auto* import = accounts.add_subcommand("import", "Add accounts from a document of patchbay's or of another program");
  import->add_option("file", *file, "The document; - for standard input")->required();
  import->add_option("--label", account->label, "A name for people, when the document holds one account");
  context.On(*import, [&context, file, account] { return ImportAccounts(context, *file, account->label); });

  auto exported = std::make_shared<ExportArguments>();
  auto* out =
      accounts.add_subcommand("export", "Write accounts, with their secrets, into a document that import reads");
  out->add_option("account", exported->accounts, "Refs or labels; all of them when none is named");
  out->add_option("-o,--output", exported->file, "The file, which nobody else may read; it must not be there yet");
  out->add_flag("--full", exported->full, "Everything, not only what brings each account back");
  context.On(*out, [&context, exported] { return Export(context, *exported); });
}

}  // namespace patchbay::cli
