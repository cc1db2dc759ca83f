#include "lib/worker/environment.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "lib/base/version.h"
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
Result<void> TakeListeners(Environment& environment) {
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
    environment.listeners[name].push_back(fd);
  }
  return {};
}

Result<Secret> ReadToken(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!std::getline(file, token)) return Error(ErrorCode::kUnavailable, "cannot read the role token in " + path);
  return Secret(std::move(token));
}

}  // namespace

Result<Environment> TakeEnvironment(int argc, char** argv, const Options& options, std::string& help) {
  Environment environment;
  environment.name = options.name;
  CLI::App app("The " + options.name + " worker of patchbay; patchbayd starts it.", "patchbay-" + options.name);
  app.set_version_flag("--version", std::string(kVersion));
  std::string gateway;
  std::string listen;
  std::string token_file;
  if (options.standalone) {
    listen = options.standalone->default_listen;
    app.add_option("--gateway", gateway, "Run alone: where the gateway's gRPC service listens (unix:/path)");
    app.add_option("--listen", listen, "Run alone: the address to serve on")->capture_default_str();
    app.add_option("--token-file", token_file, "Run alone: file with the role token that patchbayd wrote");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream problem;
    if (app.exit(error, out, problem) == 0) {
      help = out.str();
      return environment;
    }
    return Error(ErrorCode::kInvalidArgument, problem.str());
  }

  environment.supervisor = Take("PATCHBAY_SUPERVISOR");
  environment.role_token = Secret(Take("PATCHBAY_ROLE_TOKEN"));
  const std::string generation = Take("PATCHBAY_GENERATION");
  std::from_chars(generation.data(), generation.data() + generation.size(), environment.generation);
  if (const std::string name = Take("PATCHBAY_WORKER"); !name.empty()) environment.name = name;
  RETURN_IF_ERROR(TakeListeners(environment));

  if (!gateway.empty()) {
    environment.supervisor.clear();
    environment.peers[options.standalone->peer_role] = gateway;
    if (!token_file.empty()) {
      ASSIGN_OR_RETURN(environment.role_token, ReadToken(token_file));
    }
    if (environment.listeners.empty()) {
      ASSIGN_OR_RETURN(const auto address, net::ParseListenAddress(listen));
      ASSIGN_OR_RETURN(const int fd, net::BindTcpListener(address));
      environment.listeners[options.standalone->listener].push_back(fd);
    }
  } else if (environment.supervisor.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "patchbay-" + options.name + " is a worker: patchbayd starts it" +
                     (options.standalone ? ", or give --gateway ADDRESS to run it alone" : ""));
  }
  return environment;
}

}  // namespace patchbay::worker
