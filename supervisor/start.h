// patchbayd from its command line to its end: everything that it is made of, in the order in which it is made.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "lib/async/asio.h"
#include "lib/async/time_source.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/roles.h"
#include "lib/rpc/server.h"
#include "supervisor/api/admin.h"
#include "supervisor/api/attach.h"
#include "supervisor/api/relay.h"
#include "supervisor/audit/trail.h"
#include "supervisor/control/reload.h"
#include "supervisor/events/notifications.h"
#include "supervisor/logs/log_hub.h"
#include "supervisor/supervisor.h"
#include "supervisor/system/directories.h"
#include "supervisor/system/gateway_certificate.h"
#include "supervisor/system/sockets.h"

namespace patchbay::supervisor {

struct StartOptions {
  std::optional<std::filesystem::path> config_file;
  DirectoryOptions directories;
};

// Make one, in main: the process exits from there as it stands, like a worker, and nothing here is destroyed.
class House {
 public:
  // Makes the process what it shall be: no core dump, as many files as the system allows, logging to here.
  House();
  // Returns when everything has drained. An error is why it did not start.
  Result<void> Run(const StartOptions& options);
  // Ends the process as it stands, once every record is written out.
  [[noreturn]] void Exit(int code);

 private:
  // Everything that can go wrong before there are sockets.
  Result<Beginnings> Begin(const StartOptions& options);
  Result<void> ServeWorkers();
  Result<void> ServeOperators();
  Awaitable<void> ReloadBySignal();

  SocketSet sockets_;  // first: what systemd passed must be taken before anything opens a descriptor
  asio::io_context io_{1};
  LogHub logs_{io_};
  SystemClock clock_;
  async::LoopTime time_{io_};
  std::optional<DirectoryLock> state_lock_;
  std::optional<DirectoryLock> runtime_lock_;
  std::optional<rpc::Reactor> reactor_;
  std::optional<GatewayCertificate> certificate_;
  std::unique_ptr<rpc::TokenIssuer> issuer_;
  std::optional<rpc::TokenVerifier> verifier_;
  std::optional<Supervisor> supervisor_;
  std::optional<Reloader> reloader_;

  std::optional<rpc::Server> attach_server_;
  std::optional<AttachService> attach_;
  std::optional<rpc::Introspection> attach_introspection_;

  std::optional<rpc::Server> admin_server_;
  std::unique_ptr<AuditTrail> trail_;
  std::optional<Relay> relay_;
  std::optional<Notifications> notifications_;
  std::optional<AdminService> admin_;
  std::optional<rpc::Introspection> admin_introspection_;
};

}  // namespace patchbay::supervisor
