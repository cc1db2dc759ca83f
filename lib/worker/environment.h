// What a worker is given at birth: by the supervisor through environment and descriptors, or, when
// it runs alone, by its command line.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/worker/worker.h"

namespace patchbay::worker {

struct Environment {
  std::string name;
  std::int64_t generation = 0;
  std::string supervisor;  // address; empty when running alone
  Secret role_token;
  std::map<std::string, std::vector<int>, std::less<>> listeners;  // by name
  std::map<std::string, std::string> peers;                        // running alone: role → address
};

// Parses the command line and takes the environment; the token is removed from it, so that a child or
// a dump does not have it. kInvalidArgument: a usage error, with the text to show.
// `help` is set when the user asked for help or the version, which is then to be printed instead.
Result<Environment> TakeEnvironment(int argc, char** argv, const Options& options, std::string& help);

}  // namespace patchbay::worker
