// `patchbay`: the operator's command. Everything it knows it asks the running gateway, over the admin socket.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/exit.h"
#include "lib/base/version.h"
#include "lib/config/findings.h"

namespace patchbay::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 ok, 1 failed, 64 usage, 69 the gateway is not running, 75 temporary (try again).\n"
    "The gateway is found by --runtime-dir, $PATCHBAY_RUNTIME_DIR, $XDG_RUNTIME_DIR/patchbay, /tmp/patchbay-<uid> or\n"
    "/run/patchbay. Tables have colour on a terminal only; NO_COLOR turns it off.";

bool WantsColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return isatty(STDOUT_FILENO) == 1;
}

// CLI11 says "a subcommand is required" of a misspelt one; we say what is wrong.
std::string Complaint(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* group = &app;
  while (!group->get_subcommands().empty()) group = group->get_subcommands().front();
  const auto unknown = app.remaining(/*recurse=*/true);
  if (group->get_require_subcommand_min() == 0) return error.what();
  if (unknown.empty()) return "which command? '" + group->get_name() + "' takes one";
  if (unknown.front().starts_with('-')) return "there is no option '" + Printable(unknown.front()) + "'";
  std::vector<std::string> names;
  for (const auto* command : group->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return "there is no command '" + Printable(unknown.front()) + "'" + config::DidYouMean(unknown.front(), names);
}

int Main(int argc, char** argv) {
  Context context;
  context.colour = WantsColour();
  CLI::App app("Looks after a running patchbay gateway.", "patchbay");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", "patchbay " + std::string(kVersion));
  app.add_flag("--json", context.json, "Write JSON instead of tables")->group("Common");
  app.add_option("--runtime-dir", context.runtime_dir, "Directory of the gateway's sockets")->group("Common");
  // Common options may stand after the command too: `patchbay status --json`.
  app.fallthrough();

  AddStatusCommands(app, context);
  AddWorkerCommands(app, context);
  AddLogCommands(app, context);
  AddEventCommands(app, context);
  AddTraceCommands(app, context);
  AddLoginCommands(app, context);
  AddAccountCommands(app, context);
  AddKeyCommands(app, context);
  AddProviderCommands(app, context);
  AddModelCommands(app, context);
  AddUsageCommands(app, context);
  AddVerdictCommands(app, context);
  AddGatewayCommands(app, context);
  AddBackupCommands(app, context);
  AddOllamaCommands(app, context);
  AddRecordCommands(app, context);
  AddConfigCommands(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // CLI11's way to say "help was printed" and "usage"
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "patchbay: %s\nRun with --help for more information.\n", Complaint(app, error).c_str());
    return kUsage;
  }
  const auto done = context.chosen();
  const bool written = std::fflush(stdout) == 0;
  if (!done.ok()) {
    std::fprintf(stderr, "patchbay: %s\n", done.error().message.c_str());
    return ExitFor(done.error());
  }
  return written ? kOk : kFailed;
}

}  // namespace
}  // namespace patchbay::cli

int main(int argc, char** argv) { return patchbay::cli::Main(argc, argv); }
