// patchbay gateway cert create|list|revoke: who may use the gateway's gRPC service from another machine. At work on the
// state directory itself, also while the gateway runs: the frontend looks at the list at every call.

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/login_file.h"
#include "lib/config/loader.h"
#include "lib/pki/authority.h"
#include "lib/time/time_text.h"
#include "supervisor/system/directories.h"

namespace patchbay::cli {
namespace {

struct CertificateArguments {
  std::string name;
  std::string role = "program";
  std::string out = ".";
  std::string state_dir;
  int days = static_cast<int>(pki::kClientValid.count() / 24);
};

Result<pki::Authority> OpenAuthority(const CertificateArguments& arguments) {
  supervisor::DirectoryOptions options;
  if (!arguments.state_dir.empty()) options.state_dir = arguments.state_dir;
  ASSIGN_OR_RETURN(const auto directories,
                   supervisor::ChooseDirectories(options, config::ProcessEnvironment(), ::getuid()));
  RETURN_IF_ERROR(supervisor::PrepareDirectories({directories.state, directories.state}));
  ASSIGN_OR_RETURN(auto authority, pki::Authority::Open(directories.state, Now()));
  // A gateway that has run for long gets its own pair anew on this occasion.
  ASSIGN_OR_RETURN([[maybe_unused]] const bool made, authority.EnsureServer(Now()));
  return authority;
}

Result<void> Create(const Context& context, const CertificateArguments& arguments) {
  ASSIGN_OR_RETURN(const roster::Role role, pki::ParseRole(arguments.role));
  if (!roster::IsPlainName(arguments.name)) return Error(ErrorCode::kInvalidArgument, std::string(roster::kNameRule));
  const std::filesystem::path folder = arguments.out;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error(ErrorCode::kFailedPrecondition, "cannot make " + folder.string() + ": " + error.message());
  ASSIGN_OR_RETURN(auto authority, OpenAuthority(arguments));
  // First, so that no certificate is made, and none replaced, for files that cannot be.
  const auto certificate = folder / (arguments.name + ".crt"), key = folder / (arguments.name + ".key");
  const auto ca = folder / (arguments.name + ".ca.crt");
  ASSIGN_OR_RETURN(auto certificate_file, NewSecretFile::Create(certificate.string()));
  ASSIGN_OR_RETURN(auto key_file, NewSecretFile::Create(key.string()));
  ASSIGN_OR_RETURN(auto ca_file, NewSecretFile::Create(ca.string()));
  ASSIGN_OR_RETURN(const pki::Pair pair,
                   authority.Issue({role, arguments.name}, Now(), std::chrono::hours(24) * arguments.days));
  RETURN_IF_ERROR(std::move(certificate_file).Write(Secret(pair.certificate)));
  RETURN_IF_ERROR(std::move(key_file).Write(pair.key));
  RETURN_IF_ERROR(std::move(ca_file).Write(Secret(authority.certificate())));
  if (context.json) {
    const nlohmann::ordered_json json = {{"name", arguments.name},
                                         {"role", arguments.role},
                                         {"certificate", certificate.string()},
                                         {"key", key.string()},
                                         {"ca", ca.string()}};
    Print(json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return {};
  }
  Print("wrote " + Printable(certificate.string()) + ", " + Printable(key.string()) + " and " + Printable(ca.string()) +
        "\nTake all three to the other machine:\n  --gateway HOST:PORT --tls-ca " + Printable(ca.filename().string()) +
        " --tls-cert " + Printable(certificate.filename().string()) + " --tls-key " +
        Printable(key.filename().string()) + "\n");
  return {};
}

Result<void> List(const Context& context, const CertificateArguments& arguments) {
  ASSIGN_OR_RETURN(const auto authority, OpenAuthority(arguments));
  ASSIGN_OR_RETURN(const auto clients, authority.Clients());
  if (context.json) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const pki::ListedClient& client : clients) {
      nlohmann::ordered_json row;
      row["name"] = client.identity.name;
      row["role"] = std::string(roster::ToString(client.identity.role));
      row["serial"] = client.serial;
      row["expires_at"] = Rfc3339(client.expires_at);
      rows.push_back(std::move(row));
    }
    Print(nlohmann::ordered_json{{"certificates", rows}}.dump(1) + "\n");
    return {};
  }
  if (clients.empty()) {
    Print("no certificates yet: `patchbay gateway cert create NAME` makes one\n");
    return {};
  }
  Table table({"NAME", "ROLE", "EXPIRES", "SERIAL"});
  for (const pki::ListedClient& client : clients) {
    const Colour colour = client.expires_at <= Now() ? Colour::kBad : Colour::kNone;
    table.Add({Cell(client.identity.name), Cell(std::string(roster::ToString(client.identity.role))),
               Cell(Rfc3339(client.expires_at), colour), Cell(client.serial)});
  }
  Print(table.Render(context.colour));
  return {};
}

Result<void> Revoke(const CertificateArguments& arguments) {
  ASSIGN_OR_RETURN(auto authority, OpenAuthority(arguments));
  RETURN_IF_ERROR(authority.Revoke(arguments.name));
  Print("revoked: calls with the certificate of " + Printable(arguments.name) + " are refused from now on\n");
  return {};
}

}  // namespace

void AddGatewayCommands(CLI::App& app, Context& context) {
  auto* gateway = app.add_subcommand("gateway", "The gRPC service for programs on other machines");
  gateway->require_subcommand(1);
  auto* cert = gateway->add_subcommand("cert", "Certificates of those programs; run as the gateway's user");
  cert->require_subcommand(1);
  auto arguments = std::make_shared<CertificateArguments>();
  const auto command = [&](const char* name, const char* help) {
    auto* added = cert->add_subcommand(name, help);
    added->add_option("--state-dir", arguments->state_dir,
                      "Where the state is; else it is found as patchbayd finds it");
    return added;
  };
  auto* create = command("create", "Make a certificate and its key; one of the same name from before is revoked");
  create->add_option("name", arguments->name, "Whose: 1 to 32 of a-z, 0-9, - and _")->required();
  create->add_option("--role", arguments->role, "program (shows a client key), or ollama for a bridge")
      ->check(CLI::IsMember({"program", "ollama"}))
      ->capture_default_str();
  create->add_option("--out", arguments->out, "Folder for the three files")->capture_default_str();
  create->add_option("--days", arguments->days, "How long it is good")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  context.On(*create, [&context, arguments] { return Create(context, *arguments); });
  context.On(*command("list", "Certificates that are good"),
             [&context, arguments] { return List(context, *arguments); });
  auto* revoke = command("revoke", "Refuse a certificate from now on");
  revoke->add_option("name", arguments->name, "Whose")->required();
  context.On(*revoke, [arguments] { return Revoke(*arguments); });
}

}  // namespace patchbay::cli
