// patchbay config check|print|schema: without a gateway, what patchbayd would make of the file and the environment.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "lib/config/loader.h"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ConfigArguments {
  std::string file;
  bool running = false;
};

std::optional<std::filesystem::path> FileOf(const ConfigArguments& arguments) {
  if (arguments.file.empty()) return std::nullopt;
  return arguments.file;
}

Result<void> Check(const Context& context, const ConfigArguments& arguments) {
  auto loaded = config::LoadConfig(FileOf(arguments), config::ProcessEnvironment());
  if (context.json) {
    auto problems = Json::array();
    std::string_view rest = loaded.ok() ? std::string_view{} : std::string_view(loaded.error().message);
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      problems.push_back(std::string(rest.substr(0, end)));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    Json answer = {
        {"valid", loaded.ok()}, {"source", loaded.ok() ? Json(loaded->source) : Json()}, {"problems", problems}};
    Print(answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (loaded.ok()) {
    Print(loaded->source + " is valid\n");
  }
  if (loaded.ok()) return {};
  if (context.json) return Error(ErrorCode::kFailedPrecondition, "the configuration is not valid");
  auto message = std::move(loaded).error().message;
  return Error(ErrorCode::kFailedPrecondition, "the configuration is not valid:\n" + message);
}

Result<void> PrintConfig(const Context& context, const ConfigArguments& arguments) {
  if (arguments.running) {
    ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
    ASSIGN_OR_RETURN(const auto reply, Call(gateway.admin(), &admin::v1::Admin::Stub::GetConfig, {}));
    if (context.json) {
      PrintJson(reply);
    } else {
      Print(reply.yaml());
    }
    return {};
  }
  auto loaded = config::LoadConfig(FileOf(arguments), config::ProcessEnvironment());
  if (!loaded.ok())
    return Error(ErrorCode::kFailedPrecondition, "the configuration is not valid:\n" + loaded.error().message);
  if (context.json) {
    PrintJson(loaded->config);
  } else {
    Print("# from " + loaded->source + " and the environment\n" + config::ToYaml(loaded->config));
  }
  return {};
}

}  // namespace

void AddConfigCommands(CLI::App& app, Context& context) {
  auto* config = app.add_subcommand("config", "Check, print or describe the configuration; needs no running gateway");
  config->require_subcommand(1);
  constexpr const char* kFileHelp =
      "The file; without it $PATCHBAY_CONFIG, /etc/patchbay/patchbay.yaml, ~/.config/patchbay/patchbay.yaml or the "
      "defaults";
  auto arguments = std::make_shared<ConfigArguments>();
  auto* check = config->add_subcommand("check", "Read it as patchbayd would and report every mistake");
  check->add_option("file", arguments->file, kFileHelp);
  context.On(*check, [&context, arguments] { return Check(context, *arguments); });

  auto* print = config->add_subcommand("print", "Every setting with its value, as YAML");
  print->add_option("file", arguments->file, kFileHelp);
  print->add_flag("--running", arguments->running, "What the running gateway has in force");
  context.On(*print, [&context, arguments] { return PrintConfig(context, *arguments); });

  auto* schema =
      config->add_subcommand("schema", "A JSON Schema of the file: types, defaults, bounds, live or restart");
  context.On(*schema, []() -> Result<void> {
    Print(config::ToSchema());
    return {};
  });
}

}  // namespace patchbay::cli
