// Which workers there are, as the configuration says: what is executed, which listening sockets each gets, whom it may
// call, what it is told. Pure. All start at once; nobody depends on an order of start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::supervisor {

// One inherited listening socket: `fd_name` is what the worker looks for, `socket` its name here: "http", "ollama", or
// a file in the runtime directory: "accounts.sock".
struct ListenerSpec {
  std::string fd_name;
  std::string socket;
};

struct WorkerSpec {
  std::string name;  // "frontend", "frontend-2"
  std::string role;  // "frontend"; an extra worker's role is its own name
  std::filesystem::path executable;
  std::vector<std::string> arguments;
  std::vector<ListenerSpec> listeners;
  // A requested restart runs old and new side by side. False for a single writer.
  bool overlap = true;
  // Ours, and needed for serving: while one of these is failed the service is not healthy.
  bool core = false;
  // May know the key that unseals tokens and cookies.
  bool needs_seal_key = false;
  // In-flight requests end here first; shutdown drains these before the others.
  bool faces_clients = false;
  // What it may see of the configuration: sections ("frontend") and single settings ("accounts.queue_wait").
  std::vector<std::string> sections;
  std::vector<std::string> peers;     // roles whose addresses it is told
};

// A TCP listening address that the configuration asks for.
struct TcpListenerSpec {
  std::string name;  // "http", "ollama"
  std::string address;
  std::string worker;
};

struct Manifest {
  std::vector<WorkerSpec> workers;
  std::vector<TcpListenerSpec> tcp_listeners;
  // One Unix socket per role ("frontend.sock"), shared by the processes that play it.
  std::vector<std::string> unix_sockets;
};

// `programs` is the folder that holds our executables.
Result<Manifest> MakeManifest(const config::v1::Config& config, const std::filesystem::path& programs);

// The configuration as a worker may see it: `server`, `log` and what its spec names.
config::v1::Config ConfigurationFor(const WorkerSpec& worker, const config::v1::Config& config);

}  // namespace patchbay::supervisor
