// patchbayd: binds the sockets, starts the workers, watches them, and is the operator's one address.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "lib/base/version.h"
#include "lib/log/log.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/server.h"
#include "lib/worker/worker.h"
#include "supervisor/api/admin.h"
#include "supervisor/api/attach.h"
#include "supervisor/api/relay.h"
#include "supervisor/supervisor.h"
#include "supervisor/system/notify.h"

// Present in AddressSanitizer builds only.
extern "C" void __lsan_do_leak_check() __attribute__((weak));

namespace patchbay::supervisor {
namespace {

using worker::kExitBug;
using worker::kExitDrained;
using worker::kExitTemporary;
using worker::kExitUsage;

// Workers of a killed predecessor may still hold an address while they finish; they let go of it at once when they
// notice, so a short patience is enough.
constexpr std::chrono::seconds kBindPatience{5};
constexpr std::chrono::milliseconds kBindPause{100};

// Keeps `object` for the rest of the process's life, and within reach of the leak checker. Nothing here is destroyed:
// at the end the process exits as it stands, like a worker (lib/worker/worker.cc).
template <class T>
T& Keep(std::unique_ptr<T> object) {
  static auto& kept = *new std::vector<std::shared_ptr<void>>;
  T& reference = *object;
  kept.push_back(std::move(object));
  return reference;
}
template <class T, class... Arguments>
T& Make(Arguments&&... arguments) {
  return Keep(std::make_unique<T>(std::forward<Arguments>(arguments)...));
}

struct Options {
  std::optional<std::filesystem::path> config_file;
  DirectoryOptions directories;
};

void PrepareProcess() {
  prctl(PR_SET_DUMPABLE, 0);  // no core dump and no ptrace: the token issuer's key is in memory
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  signal(SIGPIPE, SIG_IGN);
}

int ExitCodeFor(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kResourceExhausted: return kExitTemporary;
    case ErrorCode::kInternal: return kExitBug;
    default: return kExitUsage;
  }
}

Result<void> OpenSockets(SocketSet& sockets, const Manifest& manifest, const Directories& directories) {
  for (const TcpListenerSpec& listener : manifest.tcp_listeners) {
    const auto give_up_at = std::chrono::steady_clock::now() + kBindPatience;
    for (bool said = false;;) {
      Result<void> opened = sockets.OpenTcp(listener.name, listener.address);
      if (opened.ok()) break;
      const bool in_use = opened.error().code == ErrorCode::kUnavailable;
      if (!in_use || std::chrono::steady_clock::now() > give_up_at) return opened;
      if (!std::exchange(said, true)) log::Warn("listen.waiting", {{"error", opened.error().message}});
      std::this_thread::sleep_for(kBindPause);
    }
  }
  for (const std::string& name : manifest.unix_sockets) RETURN_IF_ERROR(sockets.OpenUnix(name, directories.runtime));
  RETURN_IF_ERROR(sockets.OpenUnix("supervisor.sock", directories.runtime));
  RETURN_IF_ERROR(sockets.OpenUnix("admin.sock", directories.runtime));
  sockets.CloseUnclaimed();
  for (const TcpListenerSpec& listener : manifest.tcp_listeners) {
    const ListeningSocket* socket = sockets.Find(listener.name);
    if (socket->source == ListeningSocket::Source::kBound)
      notify::StoreDescriptor(socket->name, socket->descriptor.get());
  }
  return {};
}

// For a bridge that runs alone, as a service of its own (patchbay-ollama.service): it has no supervisor to give it a
// token, but it can read this file if it is our user.
Result<void> WriteBridgeToken(const rpc::TokenIssuer& issuer, const Directories& directories) {
  const std::string path = (directories.runtime / "ollama.token").string();
  unlink(path.c_str());
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const std::string line = issuer.Issue({rpc::Role::kOllama, "ollama", 0}).Reveal() + "\n";
  if (!file.valid() || write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return Error(ErrorCode::kFailedPrecondition, "cannot write " + path);
  }
  return {};
}

// Everything that can go wrong before the first worker starts.
Result<Beginnings> Begin(const Options& options, LogHub& logs) {
  Beginnings beginnings;
  beginnings.config_file = options.config_file;
  beginnings.environment = config::ProcessEnvironment();
  ASSIGN_OR_RETURN(beginnings.loaded, config::LoadConfig(options.config_file, beginnings.environment));
  ASSIGN_OR_RETURN(beginnings.directories, ChooseDirectories(options.directories, beginnings.environment, geteuid()));
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  beginnings.manifest = MakeManifest(beginnings.loaded.config, programs);
  const config::v1::Log& log_settings = beginnings.loaded.config.log();
  ASSIGN_OR_RETURN(const log::Level level, log::ParseLevel(log_settings.level()));
  log::SetLevel(level);
  logs.SetSink(std::make_unique<LogSink>(ChooseLogFormat(log_settings.format())));
  RETURN_IF_ERROR(PrepareDirectories(beginnings.directories));
  return beginnings;
}

Result<void> Run(const Options& options, asio::io_context& io, LogHub& logs, SocketSet& sockets) {
  ASSIGN_OR_RETURN(Beginnings beginnings, Begin(options, logs));
  ASSIGN_OR_RETURN(DirectoryLock state_lock, DirectoryLock::Take(beginnings.directories.state));
  Make<DirectoryLock>(std::move(state_lock));
  if (beginnings.directories.runtime != beginnings.directories.state) {
    ASSIGN_OR_RETURN(DirectoryLock runtime_lock, DirectoryLock::Take(beginnings.directories.runtime));
    Make<DirectoryLock>(std::move(runtime_lock));
  }
  RETURN_IF_ERROR(OpenSockets(sockets, beginnings.manifest, beginnings.directories));
  log::Info("starting", {{"version", kVersion}, {"pid", getpid()}, {"config", beginnings.loaded.source}});

  const auto& clock = Make<SystemClock>();
  auto& reactor = Make<rpc::Reactor>(io);
  if (reactor.mode() != rpc::Reactor::Mode::kFast)
    log::Warn("rpc.slow_mode", {{"why", "gRPC's epoll descriptor was not found"}});
  ASSIGN_OR_RETURN(auto new_issuer, rpc::TokenIssuer::Create());
  auto& issuer = Keep(std::move(new_issuer));
  RETURN_IF_ERROR(WriteBridgeToken(issuer, beginnings.directories));
  auto& verifier = Make<rpc::TokenVerifier>(issuer.public_key());
  auto& supervisor = Make<Supervisor>(io, clock, logs, sockets, issuer, std::move(beginnings));

  auto& attach_server = Make<rpc::Server>(reactor);
  attach_server.SetVerifier(&verifier);
  Make<AttachService>(attach_server, supervisor);
  auto& attach_introspection = Make<rpc::Introspection>(attach_server);
  RETURN_IF_ERROR(attach_server.Start({sockets.descriptor("supervisor.sock")}));

  auto& relay = Make<Relay>(reactor, supervisor, issuer.Issue({rpc::Role::kSupervisor, "supervisor", 0}));
  auto& admin_server = Make<rpc::Server>(reactor, rpc::Role::kOperator);
  // Whoever may open the socket is the operator, except our own workers: one that was taken over stays a worker.
  admin_server.SetPeerFilter([&supervisor](int pid) { return !supervisor.IsWorkerProcess(pid); });
  Make<AdminService>(admin_server, supervisor, logs, relay);
  relay.Serve(admin_server);
  auto& admin_introspection = Make<rpc::Introspection>(admin_server);
  RETURN_IF_ERROR(admin_server.Start({sockets.descriptor("admin.sock")}));

  attach_introspection.SetServing(true);
  admin_introspection.SetServing(true);
  supervisor.Start();
  asio::co_spawn(io, relay.OfferFirstKey(), asio::detached);
  io.run();
  return {};
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("patchbayd: the supervisor of patchbay.", "patchbayd");
  app.set_version_flag("--version", "patchbayd " + std::string(kVersion));
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Run in the foreground until SIGTERM");
  serve->add_option("--config", options.config_file, "Configuration file (YAML)");
  serve->add_option("--state-dir", options.directories.state_dir, "Where accounts, keys and usage are kept");
  serve->add_option("--runtime-dir", options.directories.runtime_dir, "Where the sockets are");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }

  PrepareProcess();
  auto& sockets = Make<SocketSet>();
  sockets.TakePassed();
  auto& io = Make<asio::io_context>(1);
  auto& logs = Make<LogHub>(io);
  log::InitToSink("patchbayd", [&logs](std::string record) { logs.Own(std::move(record)); });

  int exit_code = kExitDrained;
  if (const Result<void> ran = Run(options, io, logs, sockets); !ran.ok()) {
    exit_code = ExitCodeFor(ran.error());
    log::Error("not_started", {{"error", ran.error().message}, {"where", ran.error().where}});
    std::fprintf(stderr, "patchbayd: %s%s%s\n", ran.error().where.c_str(), ran.error().where.empty() ? "" : ": ",
                 ran.error().message.c_str());
  }
  logs.Flush();
  if (__lsan_do_leak_check != nullptr) {
    prctl(PR_SET_DUMPABLE, 1);  // the leak checker looks at us with ptrace
    __lsan_do_leak_check();
  }
  std::fflush(nullptr);
  _exit(exit_code);
}

}  // namespace
}  // namespace patchbay::supervisor

int main(int argc, char** argv) { return patchbay::supervisor::Main(argc, argv); }
