// The environment of a worker, built from nothing: what it needs and not a variable more. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/base/secret.h"
#include "supervisor/manifest.h"

namespace patchbay::supervisor {

struct WorkerIdentity {
  std::string supervisor_address;  // "unix:/run/patchbay/supervisor.sock"
  std::int64_t generation = 0;
  Secret role_token;
};

// "NAME=value" each. `LISTEN_PID=` comes with room for the digits, which only the child knows (child.cc).
std::vector<std::string> WorkerEnvironment(const WorkerSpec& worker, const WorkerIdentity& identity,
                                           const std::map<std::string, std::string>& operator_environment);

// Of a program of the operator's: as little, and where the gateway is.
std::vector<std::string> ProgramEnvironment(const std::string& runtime_dir,
                                            const std::map<std::string, std::string>& operator_environment);

// What LISTEN_PID holds until the child writes its own id over it.
inline constexpr char kListenPidVariable[] = "LISTEN_PID=";
inline constexpr int kListenPidDigits = 10;

}  // namespace patchbay::supervisor
