// patchbay keys create|list|update|revoke: the credentials that clients show to the gateway.

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/login_file.h"
#include "cli/quota_table.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct KeyArguments {
  std::string name;
  std::string key;
  bool all = false;
  std::string login_file;
  std::string quota_view;
};

constexpr std::array<std::pair<std::string_view, accounts::v1::QuotaView>, 5> kViews = {
    {{"own", accounts::v1::QUOTA_VIEW_OWN},
     {"pool", accounts::v1::QUOTA_VIEW_POOL},
     {"upstream", accounts::v1::QUOTA_VIEW_UPSTREAM},
     {"none", accounts::v1::QUOTA_VIEW_NONE},
     {"default", accounts::v1::QUOTA_VIEW_UNSPECIFIED}}};

accounts::v1::QuotaView ViewOf(const std::string& word) {
  for (const auto& [name, view] : kViews) {
    if (name == word) return view;
  }
  return accounts::v1::QUOTA_VIEW_UNSPECIFIED;
}

CLI::Option* AddViewOption(CLI::App& command, KeyArguments& arguments) {
  return command
      .add_option(
          "--quota-view", arguments.quota_view,
          "Whose quota its clients are shown: own (its limits), pool, upstream (the account's that served last), "
          "none, default (as accounts.quota.view says)")
      ->check(CLI::IsMember({"own", "pool", "upstream", "none", "default"}));
}

Result<void> Create(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  // First, so that no key is made for a file that cannot be.
  std::optional<NewSecretFile> login;
  if (!arguments.login_file.empty()) {
    ASSIGN_OR_RETURN(auto file, NewSecretFile::Create(arguments.login_file));
    login.emplace(std::move(file));
  }
  accounts::v1::CreateClientKeyRequest request;
  request.set_name(arguments.name);
  request.set_quota_view(ViewOf(arguments.quota_view));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::CreateClientKey, request));
  if (login) {
    const LoginOwner owner{reply.key().id(), reply.key().name()};
    RETURN_IF_ERROR(std::move(*login).Write(Secret(LoginFileText(owner, Secret(reply.secret())))));
  }
  if (context.json) {
    // protobuf writes bytes in base64; a script wants the key as a client sends it.
    auto json = nlohmann::ordered_json::parse(ToJson(reply));
    json["secret"] = reply.secret();
    Print(json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return {};
  }
  Print(reply.secret() + "\n");
  // The key alone goes to standard output, so that KEY=$(patchbay keys create --name ci) works.
  std::fprintf(stderr, "This is the only time that key %s (%s) is shown.\n", Printable(reply.key().id()).c_str(),
               Printable(reply.key().name()).c_str());
  return {};
}

Result<void> List(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ListClientKeysRequest request;
  request.set_include_revoked(arguments.all);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListClientKeys, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  if (reply.keys().empty()) {
    Print("no client key yet; make one with `patchbay keys create --name NAME`\n");
    return {};
  }
  Table table({"KEY", "NAME", "ENDS IN", "QUOTA VIEW", "CREATED", "REVOKED"});
  for (const auto& key : reply.keys()) {
    table.Add({key.id(),
               key.name(),
               key.hint(),
               ViewText(key.quota_view()),
               HumanTime(key.created_at(), Now()),
               {HumanTime(key.revoked_at(), Now()), Colour::kDim}});
  }
  Print(table.Render(context.colour));
  return {};
}

Result<void> Update(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::UpdateClientKeyRequest request;
  request.set_key(arguments.key);
  request.set_quota_view(ViewOf(arguments.quota_view));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::UpdateClientKey, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print("updated " + Printable(reply.key().id()) + " (" + Printable(reply.key().name()) + ")\n");
  }
  return {};
}

Result<void> Revoke(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::RevokeClientKeyRequest request;
  request.set_key(arguments.key);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::RevokeClientKey, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print("revoked " + Printable(reply.key().id()) + " (" + Printable(reply.key().name()) + ")\n");
  }
  return {};
}

}  // namespace

void AddKeyCommands(CLI::App& app, Context& context) {
  auto* keys = app.add_subcommand("keys", "Make, list and revoke client keys");
  keys->require_subcommand(1);
  auto arguments = std::make_shared<KeyArguments>();

  auto* create = keys->add_subcommand("create", "Make a client key; it is shown once");
  create->add_option("--name", arguments->name, "Who will use it")->required();
  create->add_option("--login-file", arguments->login_file,
                     "Write it as a ChatGPT login of the Codex CLI, too: a new auth.json");
  AddViewOption(*create, *arguments);
  context.On(*create, [&context, arguments] { return Create(context, *arguments); });

  auto* list = keys->add_subcommand("list", "The keys, by their last characters");
  list->add_flag("--all", arguments->all, "Revoked ones too");
  context.On(*list, [&context, arguments] { return List(context, *arguments); });

  auto* update = keys->add_subcommand("update", "Change what a key's clients are shown");
  update->add_option("key", arguments->key, "Its id or its name")->required();
  AddViewOption(*update, *arguments)->required();
  context.On(*update, [&context, arguments] { return Update(context, *arguments); });

  auto* revoke = keys->add_subcommand("revoke", "Refuse a key from now on");
  revoke->add_option("key", arguments->key, "Its id or its name")->required();
  context.On(*revoke, [&context, arguments] { return Revoke(context, *arguments); });
}

}  // namespace patchbay::cli
