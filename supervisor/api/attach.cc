#include "supervisor/api/attach.h"

#include "lib/async/spawn.h"
#include "lib/log/log.h"

namespace patchbay::supervisor {
namespace {

constexpr char kApiVersion[] = "patchbay.worker.v1";

// Sends the link's orders in turn until the link closes. Holds on to stream and link by itself.
Awaitable<void> WriteOrders(std::shared_ptr<rpc::Stream<worker::v1::SupervisorOrder, worker::v1::WorkerReport>> stream,
                            std::shared_ptr<Link> link) {
  while (!link->closed) {
    if (link->orders.empty()) {
      co_await link->more.Wait();
      continue;
    }
    const worker::v1::SupervisorOrder order = std::move(link->orders.front());
    link->orders.pop_front();
    if (!co_await stream->Send(order)) break;
  }
  link->closed = true;
  link->written.Notify();
}

}  // namespace

AttachService::AttachService(rpc::Server& server, AttachHost& host) : host_(host), io_(server.reactor().io()) {
  server.Register(service_);
  server.Bidi(service_, &worker::v1::Supervision::AsyncService::RequestAttach,
              [this](rpc::CallInfo call, std::shared_ptr<Stream> stream) {
                return Attach(std::move(call), std::move(stream));
              });
}

Awaitable<Result<void>> AttachService::Attach(rpc::CallInfo call, std::shared_ptr<Stream> stream) {
  worker::v1::WorkerReport report;
  if (!co_await stream->Receive(report)) co_return Error(ErrorCode::kInvalidArgument, "the first report must be Hello");
  CO_ASSIGN_OR_RETURN(const std::shared_ptr<Process> process, Admit(call.caller, report));

  auto link = std::make_shared<Link>(io_.get_executor());
  process->has_attached = true;
  process->link = link;
  process->version = report.hello().version();
  worker::v1::SupervisorOrder configuration;
  *configuration.mutable_configuration() = host_.ConfigurationOf(*process);
  link->Push(std::move(configuration));
  worker::v1::SupervisorOrder peers;
  *peers.mutable_peers() = host_.PeersOf(*process);
  link->Push(std::move(peers));
  worker::v1::SupervisorOrder alive;
  *alive.mutable_alive() = host_.WhoLives();
  link->Push(std::move(alive));
  async::Spawn(io_, "orders", WriteOrders(stream, link));

  while (co_await stream->Receive(report)) OnReport(process, report);

  process->link = nullptr;
  if (!link->closed) {
    link->closed = true;
    link->more.Notify();
    co_await link->written.Wait();  // a stream must not be finished under its writer
  }
  process->OnDetached();
  co_return Result<void>();
}

Result<std::shared_ptr<Process>> AttachService::Admit(const rpc::RoleClaim& claim,
                                                      const worker::v1::WorkerReport& first) {
  if (!first.has_hello()) return Error(ErrorCode::kInvalidArgument, "the first report must be Hello");
  const worker::v1::Hello& hello = first.hello();
  if (hello.worker() != claim.worker || hello.generation() != claim.generation) {
    return Error(ErrorCode::kPermissionDenied, "the role token is another worker's or generation's");
  }
  bool speaks = false;
  for (const std::string& version : hello.api_versions()) speaks = speaks || version == kApiVersion;
  if (!speaks) return Error(ErrorCode::kInvalidArgument, std::string("api_versions must name ") + kApiVersion);
  ASSIGN_OR_RETURN(std::shared_ptr<Process> process, host_.FindProcess(claim));
  if (process->has_attached) return Error(ErrorCode::kAlreadyExists, "this generation has attached before");
  if (hello.pid() != process->pid()) {
    // Not refused: a wrapper script may be what was spawned.
    log::Warn("worker.other_pid",
              {{"worker", process->worker()}, {"spawned", process->pid()}, {"attached", hello.pid()}});
  }
  return process;
}

void AttachService::OnReport(const std::shared_ptr<Process>& process, const worker::v1::WorkerReport& report) {
  switch (report.kind_case()) {
    case worker::v1::WorkerReport::kReady: return host_.OnReady(process);
    case worker::v1::WorkerReport::kStats: process->stats = report.stats(); return;
    case worker::v1::WorkerReport::kConfigurationApplied:
      process->applied = report.configuration_applied();
      return host_.OnApplied(process);
    case worker::v1::WorkerReport::kEvents: return host_.OnEvents(process, report.events());
    case worker::v1::WorkerReport::kDrained: return;  // its exit says the same
    case worker::v1::WorkerReport::kHello: log::Warn("worker.second_hello", {{"worker", process->worker()}}); return;
    case worker::v1::WorkerReport::KIND_NOT_SET: return;  // a report of a newer worker
  }
}

}  // namespace patchbay::supervisor
