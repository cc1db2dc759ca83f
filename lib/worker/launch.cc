#include "lib/worker/launch.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "lib/net/listen_address.h"

namespace patchbay::worker {
namespace {

constexpr int kFirstPassedDescriptor = 3;
constexpr int kMaxPassedDescriptors = 64;

std::string Take(const char* variable) {
  const char* value = std::getenv(variable);
  std::string taken = value == nullptr ? "" : value;
  unsetenv(variable);
  return taken;
}

// systemd's convention (sd_listen_fds(3)), which our supervisor speaks too.
Result<void> TakeListeners(Launch& launch) {
  const std::string pid = Take("LISTEN_PID");
  const std::string count_text = Take("LISTEN_FDS");
  std::istringstream names(Take("LISTEN_FDNAMES"));
  if (count_text.empty() || pid != std::to_string(getpid())) return {};
  int count = 0;
  std::from_chars(count_text.data(), count_text.data() + count_text.size(), count);
  if (count < 0 || count > kMaxPassedDescriptors)
    return Error(ErrorCode::kInvalidArgument, "LISTEN_FDS is out of range");
  for (int i = 0; i < count; ++i) {
    std::string name;
    std::getline(names, name, ':');
    const int fd = kFirstPassedDescriptor + i;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    launch.listeners[name].push_back(fd);
  }
  return {};
}

Result<Secret> ReadToken(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!std::getline(file, token)) return Error(ErrorCode::kUnavailable, "cannot read the role token in " + path);
  return Secret(std::move(token));
}

Result<void> LaunchAlone(const Standalone& standalone, const CommandLine::Alone& alone, Launch& launch) {
  launch.supervisor.clear();
  launch.peers[standalone.peer_role] = alone.gateway;
  if (!alone.tls_cert.empty()) {
    launch.tls = rpc::TlsFiles{alone.tls_ca, alone.tls_cert, alone.tls_key};
    RETURN_IF_ERROR(rpc::CheckTlsFiles(*launch.tls));
  }
  if (!alone.token_file.empty()) {
    ASSIGN_OR_RETURN(launch.role_token, ReadToken(alone.token_file));
  }
  if (launch.listeners.empty()) {  // otherwise systemd passed them
    ASSIGN_OR_RETURN(const auto address, net::ParseListenAddress(alone.listen));
    ASSIGN_OR_RETURN(const int fd, net::BindTcpListener(address));
    launch.listeners[standalone.listener].push_back(fd);
  }
  return {};
}

}  // namespace

Result<Launch> TakeLaunch(const Options& options, const CommandLine& command_line) {
  Launch launch;
  launch.name = Take("PATCHBAY_WORKER");
  if (launch.name.empty()) launch.name = options.name;
  launch.supervisor = Take("PATCHBAY_SUPERVISOR");
  launch.role_token = Secret(Take("PATCHBAY_ROLE_TOKEN"));
  const std::string generation = Take("PATCHBAY_GENERATION");
  std::from_chars(generation.data(), generation.data() + generation.size(), launch.generation);
  RETURN_IF_ERROR(TakeListeners(launch));

  if (command_line.alone) {
    RETURN_IF_ERROR(LaunchAlone(*options.standalone, *command_line.alone, launch));
  } else if (launch.supervisor.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "patchbay-" + options.name + " is a worker: patchbayd starts it" +
                     (options.standalone ? ", or give --gateway ADDRESS to run it alone" : ""));
  }
  return launch;
}

}  // namespace patchbay::worker
