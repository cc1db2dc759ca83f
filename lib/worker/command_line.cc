#include "lib/worker/command_line.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "lib/base/version.h"

namespace patchbay::worker {

Result<CommandLine> ParseCommandLine(int argc, char** argv, const Options& options) {
  CommandLine parsed;
  CommandLine::Alone alone;
  CLI::App app("The " + options.name + " worker of patchbay; patchbayd starts it.", "patchbay-" + options.name);
  app.set_version_flag("--version", std::string(kVersion));
  if (options.standalone) {
    alone.listen = options.standalone->default_listen;
    app.add_option("--gateway", alone.gateway, "Run alone: where the gateway's gRPC service listens (unix:/path)");
    app.add_option("--listen", alone.listen, "Run alone: the address to serve on")->capture_default_str();
    app.add_option("--token-file", alone.token_file, "Run alone: file with the role token that patchbayd wrote");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream problem;
    if (app.exit(error, out, problem) != 0) return Error(ErrorCode::kInvalidArgument, problem.str());
    parsed.answer = out.str();
  }
  if (!alone.gateway.empty()) parsed.alone = std::move(alone);
  return parsed;
}

}  // namespace patchbay::worker
