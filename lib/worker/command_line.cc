#include "lib/worker/command_line.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "lib/base/version.h"

namespace patchbay::worker {
namespace {

// To another machine always by TLS with both ends' certificates, on this one never.
Result<void> CheckWay(const CommandLine::Alone& alone) {
  const bool here = alone.gateway.starts_with("unix:");
  const bool any = !alone.tls_ca.empty() || !alone.tls_cert.empty() || !alone.tls_key.empty();
  const bool all = !alone.tls_ca.empty() && !alone.tls_cert.empty() && !alone.tls_key.empty();
  if (here && any) return Error(ErrorCode::kInvalidArgument, "--tls-…: a Unix socket has no TLS\n");
  if (!here && !all) {
    return Error(ErrorCode::kInvalidArgument,
                 "--gateway HOST:PORT needs --tls-ca, --tls-cert and --tls-key (`patchbay gateway cert create` makes "
                 "them)\n");
  }
  if (!here && !alone.token_file.empty()) {
    return Error(ErrorCode::kInvalidArgument, "--token-file: over TLS the certificate says the role\n");
  }
  return {};
}

}  // namespace

Result<CommandLine> ParseCommandLine(int argc, char** argv, const Options& options) {
  CommandLine parsed;
  CommandLine::Alone alone;
  CLI::App app("The " + options.name + " worker of patchbay; patchbayd starts it.", "patchbay-" + options.name);
  app.set_version_flag("--version", std::string(kVersion));
  if (options.standalone) {
    alone.listen = options.standalone->default_listen;
    app.add_option(
        "--gateway", alone.gateway,
        "Run alone: where the gateway's gRPC service listens (unix:/path, or HOST:PORT with the three of TLS)");
    app.add_option("--listen", alone.listen, "Run alone: the address to serve on")->capture_default_str();
    app.add_option("--token-file", alone.token_file, "Run alone: file with the role token that patchbayd wrote");
    // Made by `patchbay gateway cert create`.
    app.add_option("--tls-ca", alone.tls_ca, "Run alone: file with the certificate of the gateway's authority");
    app.add_option("--tls-cert", alone.tls_cert, "Run alone: file with our certificate, which says our role");
    app.add_option("--tls-key", alone.tls_key, "Run alone: file with its key");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream problem;
    if (app.exit(error, out, problem) != 0) return Error(ErrorCode::kInvalidArgument, problem.str());
    parsed.answer = out.str();
  }
  if (parsed.answer.empty() && !alone.gateway.empty()) RETURN_IF_ERROR(CheckWay(alone));
  if (!alone.gateway.empty()) parsed.alone = std::move(alone);
  return parsed;
}

}  // namespace patchbay::worker
