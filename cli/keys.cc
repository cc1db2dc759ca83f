// patchbay keys create|list|show|update|rotate|revoke: the credentials that clients show to the gateway.

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/key_table.h"
#include "cli/key_terms.h"
#include "cli/login_file.h"
#include "lib/config/units.h"
#include "lib/time/proto_time.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct KeyArguments {
  std::string name;
  std::string key;
  bool all = false;
  std::string login_file;
  std::string keep_old;
  KeyTermTexts terms;
};

void AddTermOptions(CLI::App& command, KeyTermTexts& texts) {
  // Each takes one value, so that what follows it may be the key.
  const auto list = [&](const char* name, std::vector<std::string>& out, const char* help) {
    command.add_option(name, out, help)->allow_extra_args(false);
  };
  list("--model", texts.models,
       "A model that it may use, by its name or a pattern with '*'; may be repeated, as may the next");
  list("--provider", texts.providers, "A provider that it may use");
  list("--tag", texts.tags, "Only accounts with this tag");
  list("--dialect", texts.dialects,
       "A protocol that its clients may speak: openai_chat, openai_responses, anthropic, gemini, …");
  list("--tier", texts.tiers, "A service tier that they may ask for: standard, priority, flex, scale");
  command.add_option("--highest-effort", texts.highest_effort, "Reasoning above this is lowered to it");
  list("--source", texts.sources, "An address or network from which it may be used: 192.0.2.7, 10.0.0.0/8");
  command.add_option("--rpm", texts.requests_per_minute, "Requests a minute");
  command.add_option("--tpm", texts.tokens_per_minute, "Tokens a minute, in and out");
  command.add_option("--concurrency", texts.concurrency, "Requests at once; further ones wait");
  list("--budget", texts.budgets, "'5 USD a day', '3M tokens a month'; one of each period and unit");
  command.add_option("--on-budget", texts.on_budget,
                     "What happens without room in a budget: refuse, or 'fallback MODEL'");
  command.add_option("--expires", texts.expires, "When it ends: 30d, 2027-01-31, 2027-01-31T12:00:00Z, never");
  command
      .add_option(
          "--quota-view", texts.quota_view,
          "Whose quota its clients are shown: own (its budgets), pool, upstream (the account's that served last), "
          "none, default (as accounts.quota.view says)")
      ->check(CLI::IsMember({"own", "pool", "upstream", "none", "default"}));
}

// Opened first, so that no secret is made for a file that cannot be.
Result<std::optional<NewSecretFile>> LoginFileOf(const KeyArguments& arguments) {
  std::optional<NewSecretFile> login;
  if (arguments.login_file.empty()) return login;
  ASSIGN_OR_RETURN(auto file, NewSecretFile::Create(arguments.login_file));
  login.emplace(std::move(file));
  return login;
}

// Of a key that was made, or made anew.
template <class Reply>
Result<void> ShowSecret(const Context& context, const Reply& reply, std::optional<NewSecretFile> login) {
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

Result<void> Create(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(KeyTermChanges changes, ChangesOf(arguments.terms, Now()));
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(auto login, LoginFileOf(arguments));
  accounts::v1::CreateClientKeyRequest request;
  request.set_name(arguments.name);
  if (changes.quota_view) request.set_quota_view(*changes.quota_view);
  if (changes.terms.ByteSizeLong() > 0) *request.mutable_terms() = std::move(changes.terms);
  if (changes.expires_at) SetTimestamp(*changes.expires_at, request.mutable_expires_at());
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::CreateClientKey, request));
  return ShowSecret(context, reply, std::move(login));
}

Result<void> Rotate(const Context& context, const KeyArguments& arguments) {
  accounts::v1::RotateClientKeyRequest request;
  request.set_key(arguments.key);
  if (!arguments.keep_old.empty()) {
    ASSIGN_OR_RETURN(const auto keep, config::ParseDuration(arguments.keep_old));
    SetDuration(keep, request.mutable_keep_old());
  }
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(auto login, LoginFileOf(arguments));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::RotateClientKey, request));
  RETURN_IF_ERROR(ShowSecret(context, reply, std::move(login)));
  if (!context.json && !arguments.keep_old.empty()) {
    std::fprintf(stderr, "The one before is good for %s more.\n", arguments.keep_old.c_str());
  }
  return {};
}

Result<void> List(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ListClientKeysRequest request;
  request.set_include_revoked(arguments.all);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListClientKeys, request));
  if (context.json) {
    PrintJson(reply);
  } else if (reply.keys().empty()) {
    Print("no client key yet; make one with `patchbay keys create --name NAME`\n");
  } else {
    Print(KeyTable(reply, Now()).Render(context.colour));
  }
  return {};
}

Result<void> Show(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ListClientKeysRequest request;
  request.set_include_revoked(true);
  request.set_key(arguments.key);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::ListClientKeys, request));
  for (const auto& key : reply.keys()) {
    context.json ? PrintJson(key) : Print(KeyPage(key, Now(), context.colour));
  }
  return {};
}

Result<void> Update(const Context& context, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(KeyTermChanges changes, ChangesOf(arguments.terms, Now()));
  if (changes.empty() && arguments.name.empty()) {
    return Error(ErrorCode::kInvalidArgument, "nothing to change: give an option, or --clear and a term's name");
  }
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::UpdateClientKeyRequest request;
  request.set_key(arguments.key);
  request.set_name(arguments.name);
  if (changes.quota_view) request.set_quota_view(*changes.quota_view);
  if (!changes.mask.paths().empty()) {
    *request.mutable_terms() = std::move(changes.terms);
    *request.mutable_terms_mask() = std::move(changes.mask);
  }
  // The epoch says never.
  if (changes.expires_at || changes.never_expires) {
    SetTimestamp(changes.expires_at.value_or(WallTime{}), request.mutable_expires_at());
  }
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
  auto* keys = app.add_subcommand("keys", "Make, limit, rotate and revoke client keys");
  keys->require_subcommand(1);
  auto arguments = std::make_shared<KeyArguments>();
  const auto add_key = [&arguments](CLI::App& command) {
    command.add_option("key", arguments->key, "Its id or its name")->required();
  };
  const auto add_login_file = [&arguments](CLI::App& command) {
    command.add_option("--login-file", arguments->login_file,
                       "Write it as a ChatGPT login of the Codex CLI, too: a new auth.json");
  };

  auto* create = keys->add_subcommand("create", "Make a client key; it is shown once");
  create->add_option("--name", arguments->name, "Who will use it")->required();
  add_login_file(*create);
  AddTermOptions(*create, arguments->terms);
  context.On(*create, [&context, arguments] { return Create(context, *arguments); });

  auto* list =
      keys->add_subcommand("list", "The keys, by their last characters, what they are limited to and what is used");
  list->add_flag("--all", arguments->all, "Revoked ones too");
  context.On(*list, [&context, arguments] { return List(context, *arguments); });

  auto* show = keys->add_subcommand("show", "All about one key: its terms, and how much of them is used");
  add_key(*show);
  context.On(*show, [&context, arguments] { return Show(context, *arguments); });

  auto* update = keys->add_subcommand("update", "Change a key's terms; what is not given stays");
  add_key(*update);
  update->add_option("--name", arguments->name, "A new name");
  AddTermOptions(*update, arguments->terms);
  update
      ->add_option("--clear", arguments->terms.cleared,
                   "A term that limits it no more, by its option's name: model, budget, …")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(std::vector<std::string>(kClearable.begin(), kClearable.end())));
  context.On(*update, [&context, arguments] { return Update(context, *arguments); });

  auto* rotate = keys->add_subcommand("rotate", "Make a new secret for a key; it is shown once");
  add_key(*rotate);
  rotate->add_option("--keep-old", arguments->keep_old, "How long the one before stays good: 24h, at most 30d");
  add_login_file(*rotate);
  context.On(*rotate, [&context, arguments] { return Rotate(context, *arguments); });

  auto* revoke = keys->add_subcommand("revoke", "Refuse a key from now on");
  add_key(*revoke);
  context.On(*revoke, [&context, arguments] { return Revoke(context, *arguments); });
}

}  // namespace patchbay::cli
