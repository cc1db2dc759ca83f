// Which workers there are, as the configuration says: what is executed, which listening sockets each gets, whom it may
// call, what it is told: the rows of lib/roster and the workers of the configuration, with this house's settings. Pure.
// All start at once; nobody depends on an order of start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lib/roster/roster.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::supervisor {

// One inherited listening socket: `fd_name` is what the worker looks for, `socket` its name here: "http", "ollama", or
// a file in the runtime directory: "accounts.sock".
struct ListenerSpec {
  std::string fd_name;
  std::string socket;
};

struct WorkerSpec {
  roster::WorkerId id;
  std::string name;  // the id as text: "frontend", "frontend-2"
  std::filesystem::path executable;
  std::vector<std::string> arguments;
  std::vector<ListenerSpec> listeners;
  // A requested restart runs old and new side by side. False for a single writer.
  bool overlap = true;
  // Ours, and needed for serving: while one of these is failed the service is not healthy.
  bool core = false;
  // May know the key that unseals tokens and cookies.
  bool needs_seal_key = false;
  // May know the keys that providers' rows name.
  bool needs_provider_keys = false;
  // In-flight requests end here first; shutdown drains these before the others.
  bool faces_clients = false;
  // What it may see of the configuration: sections ("frontend") and single settings ("accounts.queue_wait").
  std::vector<std::string> sections;
  std::vector<std::string> peers;  // kinds whose addresses it is told
  // Says whether it is to run, while we do; empty: always.
  std::string enabled_setting;
};

// A listening address for clients that the configuration asks for.
struct AddressSpec {
  std::string name;  // "http", "http-lan", "ollama"
  std::string address;
  std::string setting;   // where the address stands: "frontend.listen"
  std::string cure;      // what to do when the address cannot be had
  std::string worker;    // the kind that serves on it
  bool core = false;     // without it the service does not do its job
  unsigned mode = 0660;  // of a Unix socket
  // Of its worker: an address of one that is not to run is not listened on.
  std::string enabled_setting;
};

struct Manifest {
  // Those that are switched off, too.
  std::vector<WorkerSpec> workers;
  std::vector<AddressSpec> addresses;
  // One Unix socket per kind ("frontend.sock"), shared by its processes.
  std::vector<std::string> unix_sockets;
};

// `config` is valid (lib/config); `programs` is the folder that holds our executables.
Manifest MakeManifest(const config::v1::Config& config, const std::filesystem::path& programs);

// Whether that setting of a worker's lets it run.
bool IsEnabled(const std::string& enabled_setting, const config::v1::Config& config);

// Where it is to listen, as the configuration is now.
std::string AddressNow(const AddressSpec& address, const config::v1::Config& config);

// Where the gateway's gRPC service over TLS listens.
inline constexpr std::string_view kGatewayListen = "gateway.listen";

// What clients speak on it, as the configuration is now: "http", "https", or "grpcs".
std::string_view ProtocolOf(const AddressSpec& address, const config::v1::Config& config);

// The configuration as a worker may see it: `server`, `log` and what its spec names.
config::v1::Config ConfigurationFor(const WorkerSpec& worker, const config::v1::Config& config);

}  // namespace patchbay::supervisor
