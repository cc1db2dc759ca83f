// patchbayd: binds the sockets, starts the workers, watches them, and is the operator's one address.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "lib/base/exit.h"
#include "lib/base/version.h"
#include "lib/log/log.h"
#include "supervisor/start.h"

namespace patchbay::supervisor {
namespace {

int Main(int argc, char** argv) {
  StartOptions options;
  CLI::App app("patchbayd: the supervisor of patchbay.", "patchbayd");
  app.set_version_flag("--version", "patchbayd " + std::string(kVersion));
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Run in the foreground until SIGTERM");
  serve->add_option("--config", options.config_file, "Configuration file (YAML)");
  serve->add_option("--state-dir", options.directories.state_dir, "Where accounts, keys and usage are kept");
  serve->add_option("--runtime-dir", options.directories.runtime_dir, "Where the sockets are");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }

  House house;
  const Result<void> ran = house.Run(options);
  if (!ran.ok()) {
    const std::string& where = ran.error().where;
    log::Error("not_started", {{"error", ran.error().message}, {"where", where}});
    std::fprintf(stderr, "patchbayd: %s%s%s\n", where.c_str(), where.empty() ? "" : ": ", ran.error().message.c_str());
  }
  house.Exit(ran.ok() ? kExitDrained : ExitCodeFor(ran.error()));
}

}  // namespace
}  // namespace patchbay::supervisor

int main(int argc, char** argv) { return patchbay::supervisor::Main(argc, argv); }
