// patchbay providers list|show: without a gateway, the rows that patchbayd would make of the file and the environment.

#include <filesystem>
#include <map>
#include <optional>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "cli/provider_table.h"
#include "lib/config/findings.h"
#include "lib/config/loader.h"

namespace patchbay::cli {
namespace {

struct ProviderArguments {
  std::string file;
  std::string id;
};

Result<config::Loaded> Load(const ProviderArguments& arguments) {
  std::optional<std::filesystem::path> file;
  if (!arguments.file.empty()) file = arguments.file;
  auto loaded = config::LoadConfig(file, config::ProcessEnvironment());
  if (loaded.ok()) return loaded;
  return Error(ErrorCode::kFailedPrecondition, "the configuration is not valid:\n" + loaded.error().message);
}

Result<void> List(const Context& context, const ProviderArguments& arguments) {
  ASSIGN_OR_RETURN(const auto loaded, Load(arguments));
  const ProviderRows rows(loaded.config.providers().begin(), loaded.config.providers().end());
  if (context.json) {
    config::v1::Config only;
    *only.mutable_providers() = loaded.config.providers();
    PrintJson(only);
  } else {
    Print(ProviderTable(rows).Render(context.colour));
  }
  return {};
}

Result<void> Show(const Context& context, const ProviderArguments& arguments) {
  ASSIGN_OR_RETURN(const auto loaded, Load(arguments));
  const auto row = loaded.config.providers().find(arguments.id);
  if (row == loaded.config.providers().end()) {
    std::vector<std::string> ids;
    for (const auto& [id, known] : loaded.config.providers()) ids.push_back(id);
    return Error(ErrorCode::kNotFound,
                 "there is no provider '" + Printable(arguments.id) + "'" + config::DidYouMean(arguments.id, ids));
  }
  if (context.json) {
    PrintJson(row->second);
  } else {
    Print(config::RowToYaml(row->first, row->second));
  }
  return {};
}

}  // namespace

void AddProviderCommands(CLI::App& app, Context& context) {
  auto* providers = app.add_subcommand("providers", "The providers' rows; needs no running gateway");
  providers->require_subcommand(1);
  auto arguments = std::make_shared<ProviderArguments>();
  const auto command = [&](const char* name, const char* help) {
    auto* added = providers->add_subcommand(name, help);
    added->add_option("--config", arguments->file, "The configuration file; else it is found as patchbayd finds it");
    return added;
  };
  context.On(*command("list", "Every provider that accounts can be added for"),
             [&context, arguments] { return List(context, *arguments); });
  auto* show = command("show", "A provider's whole row, as it could stand in the configuration");
  show->add_option("provider", arguments->id, "Its id")->required();
  context.On(*show, [&context, arguments] { return Show(context, *arguments); });
}

}  // namespace patchbay::cli
