// What a worker is given at birth: by its supervisor, through variables and descriptors, or, when it runs alone, by its
// command line.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/rpc/tls.h"
#include "lib/worker/command_line.h"

namespace patchbay::worker {

struct Launch {
  std::string name;
  std::int64_t generation = 0;
  std::string supervisor;  // address; empty when running alone
  Secret role_token;
  std::map<std::string, std::vector<int>, std::less<>> listeners;  // by name
  std::map<std::string, std::string> peers;                        // running alone: role → address
  std::optional<rpc::TlsFiles> tls;                                // running alone: with which those are reached
};

// Takes what was given. The variables are removed from the environment, so that a child or a dump does not have the
// token. kInvalidArgument: nobody started this worker as it wants to be started.
Result<Launch> TakeLaunch(const Options& options, const CommandLine& command_line);

}  // namespace patchbay::worker
