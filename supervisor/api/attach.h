// Serves patchbay.worker.v1.Supervision: the line between the supervisor and each of its workers.
#pragma once

#include <memory>

#include "lib/rpc/server.h"
#include "patchbay/worker/v1/supervision.grpc.pb.h"
#include "supervisor/life/process.h"

namespace patchbay::supervisor {

// What the service needs to know about the house.
class AttachHost {
 public:
  virtual ~AttachHost() = default;
  // The living process that this claim speaks for. kPermissionDenied when there is none.
  virtual Result<std::shared_ptr<Process>> FindProcess(const rpc::RoleClaim& claim) = 0;
  // The first three orders.
  virtual worker::v1::Configuration ConfigurationOf(const Process& process) = 0;
  virtual worker::v1::Peers PeersOf(const Process& process) = 0;
  virtual worker::v1::Alive WhoLives() const = 0;
  virtual void OnReady(const std::shared_ptr<Process>& process) = 0;
  virtual void OnApplied(const std::shared_ptr<Process>& process) = 0;
  virtual void OnEvents(const std::shared_ptr<Process>& process, const worker::v1::Events& events) = 0;
};

class AttachService {
 public:
  AttachService(rpc::Server& server, AttachHost& host);

 private:
  using Stream = rpc::ServerStream<worker::v1::WorkerReport, worker::v1::SupervisorOrder>;
  Awaitable<Result<void>> Attach(rpc::CallInfo call, std::shared_ptr<Stream> stream);
  Result<std::shared_ptr<Process>> Admit(const rpc::RoleClaim& claim, const worker::v1::WorkerReport& first);
  void OnReport(const std::shared_ptr<Process>& process, const worker::v1::WorkerReport& report);

  AttachHost& host_;
  asio::io_context& io_;
  worker::v1::Supervision::AsyncService service_;
};

}  // namespace patchbay::supervisor
