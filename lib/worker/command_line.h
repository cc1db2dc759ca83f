// The command line of a worker's program. The supervisor passes none; people ask for help and the version, and a worker
// that can run alone is told where its peer is.
#pragma once

#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/worker/worker.h"

namespace patchbay::worker {

struct CommandLine {
  // Given by --gateway: run without a supervisor.
  struct Alone {
    std::string gateway;     // the peer's address
    std::string listen;      // the address to serve on
    std::string token_file;  // empty: no role token
    // To a gateway on another machine, by mutual TLS; all of them empty: on this one.
    std::string tls_ca, tls_cert, tls_key;
  };
  std::optional<Alone> alone;
  std::string answer;  // help or the version: print it and end
};

// kInvalidArgument: a usage error, with the text to show.
Result<CommandLine> ParseCommandLine(int argc, char** argv, const Options& options);

}  // namespace patchbay::worker
