#include "supervisor/start.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <map>
#include <thread>
#include <vector>

#include "lib/async/spawn.h"
#include "lib/base/version.h"
#include "lib/log/log.h"
#include "patchbay/catalog/v1/provider.pb.h"
#include "supervisor/audit/observer.h"
#include "supervisor/system/new_state.h"

// Present in AddressSanitizer builds only.
extern "C" void __lsan_do_leak_check() __attribute__((weak));

namespace patchbay::supervisor {
namespace {

Result<void> OpenSockets(SocketSet& sockets, const Beginnings& beginnings) {
  const Manifest& manifest = beginnings.manifest;
  const Directories& directories = beginnings.directories;
  for (const AddressSpec& listener : manifest.addresses) {
    // One of systemd's cannot be had later.
    const bool wanted = IsEnabled(listener.enabled_setting, beginnings.loaded.config);
    if (!wanted && !sockets.IsActivated(listener.name)) continue;
    const auto give_up_at = std::chrono::steady_clock::now() + SocketSet::kBindPatience;
    for (bool said = false;;) {
      const Result<void> opened = sockets.OpenAddress(listener);
      if (opened.ok()) break;
      if (!listener.core) {
        // The others serve without it, and the supervisor goes on trying.
        log::Warn("listen.taken", {{"setting", listener.setting}, {"error", opened.error().message}});
        break;
      }
      const bool in_use = opened.error().code == ErrorCode::kUnavailable;
      if (!in_use || std::chrono::steady_clock::now() > give_up_at) return opened;
      if (!std::exchange(said, true)) log::Warn("listen.waiting", {{"error", opened.error().message}});
      std::this_thread::sleep_for(SocketSet::kBindPause);
    }
  }
  for (const std::string& name : manifest.unix_sockets) RETURN_IF_ERROR(sockets.OpenUnix(name, directories.runtime));
  RETURN_IF_ERROR(sockets.OpenUnix("supervisor.sock", directories.runtime));
  RETURN_IF_ERROR(sockets.OpenUnix("admin.sock", directories.runtime));
  sockets.CloseUnclaimed();
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

// What names accounts, client keys or books of before: whoever wrote it may have had logins, too.
std::vector<std::string> SettingsThatExpectState(const config::v1::Config& config) {
  std::vector<std::string> settings;
  const std::map<std::string, catalog::v1::Provider> rows(config.providers().begin(), config.providers().end());
  for (const auto& [id, row] : rows) {
    if (row.keys_size() > 0) settings.push_back("providers." + id + ".keys");
  }
  if (config.accounts().users_size() > 0) settings.emplace_back("accounts.users");
  if (config.accounts().reserves_size() > 0) settings.emplace_back("accounts.reserves");
  if (!config.accounts().usage().usages_path().empty()) settings.emplace_back("accounts.usage.usages_path");
  return settings;
}

SocketSet SocketsFromSystemd() {
  SocketSet sockets;
  sockets.TakePassed();
  return sockets;
}

}  // namespace

House::House() : sockets_(SocketsFromSystemd()) {
  PrepareProcess();
  log::InitToSink(
      "patchbayd", [this](std::string record) { logs_.Own(std::move(record)); }, [this] { logs_.Flush(); });
}

Result<Beginnings> House::Begin(const StartOptions& options) {
  Beginnings beginnings;
  beginnings.config_file = options.config_file;
  beginnings.environment = config::ProcessEnvironment();
  Result<config::Loaded> loaded =
      config::LoadConfig(options.config_file, beginnings.environment, config::ProviderKeys::kRead);
  // Whatever is wrong with the file, that it is not there included, is a mistake of usage to whoever starts us.
  if (!loaded.ok()) return Error(ErrorCode::kInvalidArgument, loaded.error().message);
  beginnings.loaded = std::move(loaded).value();
  ASSIGN_OR_RETURN(beginnings.directories, ChooseDirectories(options.directories, beginnings.environment, geteuid()));
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  beginnings.manifest = MakeManifest(beginnings.loaded.config, programs);
  const config::v1::Log& log_settings = beginnings.loaded.config.log();
  ASSIGN_OR_RETURN(const log::Level level, log::ParseLevel(log_settings.level()));
  log::SetLevel(level);
  logs_.SetSink(std::make_unique<SpdlogSink>(ChooseLogFormat(log_settings.format())));
  RETURN_IF_ERROR(PrepareDirectories(beginnings.directories));
  beginnings.state_doubt = DoubtOfState(beginnings.directories.state, UsualStatePlaces(beginnings.environment),
                                        SettingsThatExpectState(beginnings.loaded.config));
  return beginnings;
}

Result<void> House::Run(const StartOptions& options) {
  ASSIGN_OR_RETURN(Beginnings beginnings, Begin(options));
  const Directories directories = beginnings.directories;
  ASSIGN_OR_RETURN(state_lock_, DirectoryLock::Take(directories.state));
  if (directories.runtime != directories.state) {
    ASSIGN_OR_RETURN(runtime_lock_, DirectoryLock::Take(directories.runtime));
  }
  // Nobody on another machine asks for it where there is no address for them, which a reload does not add.
  if (!beginnings.loaded.config.gateway().listen().empty()) {
    certificate_.emplace(time_, directories.state);
    RETURN_IF_ERROR(certificate_->Keep());
  }
  RETURN_IF_ERROR(OpenSockets(sockets_, beginnings));
  log::Info("starting", {{"version", kVersion}, {"pid", getpid()}, {"config", beginnings.loaded.source}});
  if (!beginnings.state_doubt.empty()) log::Warn("state.new", {{"why", beginnings.state_doubt}});

  reactor_.emplace(io_);
  if (reactor_->mode() != rpc::Reactor::Mode::kFast)
    log::Warn("rpc.slow_mode", {{"why", "gRPC's epoll descriptor was not found"}});
  ASSIGN_OR_RETURN(issuer_, rpc::TokenIssuer::Create());
  RETURN_IF_ERROR(WriteBridgeToken(*issuer_, directories));
  verifier_.emplace(issuer_->public_key());
  supervisor_.emplace(io_, clock_, logs_, sockets_, *issuer_, std::move(beginnings));
  reloader_.emplace(*supervisor_);
  RETURN_IF_ERROR(ServeWorkers());
  RETURN_IF_ERROR(ServeOperators());

  supervisor_->OnHangup([this] { async::Spawn(io_, "reload", ReloadBySignal()); });
  supervisor_->Start();
  async::Spawn(io_, "first key", relay_->OfferFirstKey());
  io_.run();
  if (supervisor_->refusal()) return *supervisor_->refusal();
  return {};
}

Awaitable<void> House::ReloadBySignal() {
  const Result<ReloadOutcome> outcome = co_await reloader_->Reload();
  std::string how = outcome.ok() ? "ok" : outcome.error().message;
  if (outcome.ok() && outcome->refused) how = "refused by a worker";
  AuditOwn(*trail_, clock_, "signal", "Admin.Reload", how);
}

void House::Exit(int code) {
  logs_.Flush();
  if (__lsan_do_leak_check != nullptr) {
    prctl(PR_SET_DUMPABLE, 1);  // the leak checker looks at us with ptrace
    __lsan_do_leak_check();
  }
  _exit(code);
}

Result<void> House::ServeWorkers() {
  attach_server_.emplace(*reactor_);
  attach_server_->SetVerifier(&*verifier_);
  attach_.emplace(*attach_server_, *supervisor_);
  attach_introspection_.emplace(*attach_server_);
  RETURN_IF_ERROR(attach_server_->Start({sockets_.descriptor("supervisor.sock")}));
  attach_introspection_->SetServing(true);
  return {};
}

Result<void> House::ServeOperators() {
  const Secret token = issuer_->Issue({rpc::Role::kSupervisor, "supervisor", 0});
  ASSIGN_OR_RETURN(trail_, AuditTrail::Open(supervisor_->directories().state));
  relay_.emplace(*reactor_, *supervisor_, token);
  relay_->OnFirstKey([this](const std::string& outcome) {
    AuditOwn(*trail_, clock_, "patchbayd", "AccountAdmin.CreateClientKey", outcome);
  });
  notifications_.emplace(*reactor_, *supervisor_, logs_, token);
  admin_server_.emplace(*reactor_, rpc::Role::kOperator);
  // Whoever may open the socket is the operator, except our own workers: one that was taken over stays a worker.
  admin_server_->SetPeerFilter([this](int pid) { return !supervisor_->IsWorkerProcess(pid); });
  admin_server_->Observe(Audit(*trail_, clock_));
  admin_.emplace(*admin_server_, *supervisor_, *reloader_, logs_, *relay_, *notifications_, *trail_);
  relay_->Serve(*admin_server_);
  admin_introspection_.emplace(*admin_server_);
  RETURN_IF_ERROR(admin_server_->Start({sockets_.descriptor("admin.sock")}));
  admin_introspection_->SetServing(true);
  return {};
}

}  // namespace patchbay::supervisor
