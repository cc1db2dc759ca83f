#include "supervisor/api/admin.h"

#include <algorithm>

#include "lib/time/proto_time.h"
#include "supervisor/api/status.h"
#include "supervisor/control/workers.h"

namespace patchbay::supervisor {
namespace {

using Api = admin::v1::Admin::AsyncService;

constexpr std::size_t kDefaultTailLines = 100;
constexpr int kDefaultAuditRecords = 100;
constexpr int kMaxAuditRecords = 10'000;
// A watcher hears from us at least this often, so that a broken connection is noticed.
constexpr std::chrono::seconds kWatchInterval{5};

}  // namespace

AdminService::AdminService(rpc::Server& server, Supervisor& supervisor, Reloader& reloader, LogHub& logs, Relay& relay,
                           Notifications& notifications, const AuditTrail& trail)
    : supervisor_(supervisor),
      reloader_(reloader),
      logs_(logs),
      relay_(relay),
      notifications_(notifications),
      trail_(trail) {
  server.Register(service_);
  server.Unary(service_, &Api::RequestGetStatus,
               [this](rpc::CallInfo, admin::v1::GetStatusRequest) { return Status(); });
  server.Watch(service_, &Api::RequestWatchStatus, [this](rpc::CallInfo, admin::v1::WatchStatusRequest, auto writer) {
    return WatchStatus(std::move(writer));
  });
  server.Unary(service_, &Api::RequestListWorkers,
               [this](rpc::CallInfo, admin::v1::ListWorkersRequest) -> Awaitable<Result<admin::v1::ListWorkersReply>> {
                 admin::v1::ListWorkersReply reply;
                 *reply.mutable_workers() = DescribeAll(supervisor_).workers();
                 co_return reply;
               });
  server.Unary(service_, &Api::RequestRestartWorker,
               [this](rpc::CallInfo, admin::v1::RestartWorkerRequest request) { return Restart(std::move(request)); });
  server.Unary(service_, &Api::RequestDrainWorker,
               [this](rpc::CallInfo, admin::v1::DrainWorkerRequest request) { return Drain(std::move(request)); });
  server.Unary(service_, &Api::RequestReload, [this](rpc::CallInfo, admin::v1::ReloadRequest) { return Reload(); });
  server.Unary(
      service_, &Api::RequestSetLogLevel,
      [this](rpc::CallInfo, admin::v1::SetLogLevelRequest request) -> Awaitable<Result<admin::v1::SetLogLevelReply>> {
        CO_RETURN_IF_ERROR(SetLogLevel(supervisor_, request.worker(), request.level()));
        co_return admin::v1::SetLogLevelReply();
      });
  server.Watch(service_, &Api::RequestTailLogs, [this](rpc::CallInfo, admin::v1::TailLogsRequest request, auto writer) {
    return TailLogs(std::move(request), std::move(writer));
  });
  server.Watch(service_, &Api::RequestWatchEvents,
               [this](rpc::CallInfo, admin::v1::WatchEventsRequest request, auto writer) {
                 return WatchEvents(std::move(request), std::move(writer));
               });
  server.Unary(service_, &Api::RequestListNotifications,
               [this](rpc::CallInfo, admin::v1::ListNotificationsRequest)
                   -> Awaitable<Result<admin::v1::ListNotificationsReply>> { co_return ListNotifications(); });
  server.Unary(
      service_, &Api::RequestTestNotification,
      [this](rpc::CallInfo,
             admin::v1::TestNotificationRequest request) -> Awaitable<Result<admin::v1::TestNotificationReply>> {
        CO_RETURN_IF_ERROR(co_await notifications_.Test(request.name()));
        co_return admin::v1::TestNotificationReply();
      });
  server.Unary(
      service_, &Api::RequestListAudit,
      [this](rpc::CallInfo, admin::v1::ListAuditRequest request) -> Awaitable<Result<admin::v1::ListAuditReply>> {
        co_return ListAudit(request);
      });
  server.Unary(service_, &Api::RequestGetConfig,
               [this](rpc::CallInfo, admin::v1::GetConfigRequest) -> Awaitable<Result<admin::v1::GetConfigReply>> {
                 admin::v1::GetConfigReply reply;
                 reply.set_yaml(config::ToYaml(supervisor_.config()));  // no setting is a secret
                 co_return reply;
               });
}

Awaitable<Result<admin::v1::GetStatusReply>> AdminService::Status() {
  accounts::v1::GetPoolReply pool = co_await relay_.Pool();
  admin::v1::GetStatusReply reply = DescribeAll(supervisor_);
  reply.mutable_accounts_by_state()->swap(*pool.mutable_accounts_by_state());
  reply.mutable_paused_ways()->Swap(pool.mutable_paused_ways());
  reply.set_usage_problem(pool.usage_problem());
  reply.set_usage_waiting(pool.usage_waiting());
  co_return reply;
}

Awaitable<Result<void>> AdminService::WatchStatus(
    std::shared_ptr<rpc::ServerWriter<admin::v1::GetStatusReply>> writer) {
  while (!writer->cancelled()) {
    const std::uint64_t seen = supervisor_.changed().count();
    const auto reply = co_await Status();
    CO_RETURN_IF_ERROR(reply);
    if (!co_await writer->Send(*reply)) break;
    if (supervisor_.changed().count() != seen) continue;  // it changed while this was being told
    co_await supervisor_.changed().Wait(kWatchInterval);
  }
  co_return Result<void>();
}

Awaitable<Result<admin::v1::RestartWorkerReply>> AdminService::Restart(admin::v1::RestartWorkerRequest request) {
  CO_RETURN_IF_ERROR(co_await RestartWorker(supervisor_, request.worker(), ToMilliseconds(request.timeout())));
  admin::v1::RestartWorkerReply reply;
  *reply.mutable_worker() = DescribeWorker(*supervisor_.FindSlot(request.worker()), supervisor_.clock());
  co_return reply;
}

Awaitable<Result<admin::v1::DrainWorkerReply>> AdminService::Drain(admin::v1::DrainWorkerRequest request) {
  CO_RETURN_IF_ERROR(co_await DrainWorker(supervisor_, request.worker(), ToMilliseconds(request.timeout())));
  admin::v1::DrainWorkerReply reply;
  *reply.mutable_worker() = DescribeWorker(*supervisor_.FindSlot(request.worker()), supervisor_.clock());
  co_return reply;
}

Awaitable<Result<admin::v1::ReloadReply>> AdminService::Reload() {
  Result<ReloadOutcome> outcome = co_await reloader_.Reload();
  if (!outcome.ok()) co_return Error(ErrorCode::kFailedPrecondition, outcome.error().message);
  admin::v1::ReloadReply reply;
  reply.set_revision(outcome->revision);
  reply.set_refused(outcome->refused);
  reply.mutable_applied()->Assign(outcome->applied.begin(), outcome->applied.end());
  reply.mutable_needs_restart()->Assign(outcome->needs_restart.begin(), outcome->needs_restart.end());
  for (const WorkerAnswer& answer : outcome->workers) {
    auto* worker = reply.add_workers();
    worker->set_worker(answer.worker);
    worker->set_outcome(ToProto(answer.kind));
    worker->set_words(answer.words);
  }
  co_return reply;
}

Awaitable<Result<void>> AdminService::TailLogs(admin::v1::TailLogsRequest request,
                                               std::shared_ptr<rpc::ServerWriter<admin::v1::TailLogsReply>> writer) {
  const std::string& worker = request.worker();
  if (!worker.empty() && worker != "patchbayd" && supervisor_.FindSlot(worker) == nullptr) {
    co_return Error(ErrorCode::kNotFound, "no worker '" + worker + "'");
  }
  const std::size_t count =
      request.lines() <= 0 ? kDefaultTailLines : std::min<std::size_t>(request.lines(), LogHub::kRingRecords);
  // Both in one breath: no record falls between the last of the tail and the first that follows.
  const std::vector<std::string> tail = logs_.Tail(worker, count);
  const auto follower = request.follow() ? logs_.Follow(worker) : nullptr;
  admin::v1::TailLogsReply reply;
  for (const std::string& record : tail) {
    reply.set_line(record);
    if (!co_await writer->Send(reply)) co_return Result<void>();
  }
  if (!follower) co_return Result<void>();
  writer->OnCancelled([follower] {
    follower->closed = true;
    follower->more.Notify();
  });
  while (!follower->closed) {
    if (follower->records.empty()) {
      co_await follower->more.Wait();
      continue;
    }
    reply.set_line(std::move(follower->records.front()));
    reply.set_dropped(follower->dropped);
    follower->records.pop_front();
    if (!co_await writer->Send(reply)) break;
  }
  co_return Result<void>();
}

admin::v1::ListNotificationsReply AdminService::ListNotifications() {
  admin::v1::ListNotificationsReply reply;
  for (const NotificationView& view : notifications_.List()) {
    admin::v1::Notification& out = *reply.add_notifications();
    out.set_name(view.name);
    out.set_way(view.webhook ? "webhook" : "command");
    out.set_waiting(static_cast<std::int32_t>(view.waiting));
    out.set_told(view.told);
    out.set_dropped(view.dropped);
    out.set_problem(view.problem);
    if (view.told_at) SetTimestamp(*view.told_at, out.mutable_told_at());
    if (view.next_try_at) SetTimestamp(*view.next_try_at, out.mutable_next_try_at());
  }
  return reply;
}

Result<admin::v1::ListAuditReply> AdminService::ListAudit(const admin::v1::ListAuditRequest& request) const {
  const int limit = request.limit() <= 0 ? kDefaultAuditRecords : std::min(request.limit(), kMaxAuditRecords);
  ASSIGN_OR_RETURN(auto records, trail_.Last(static_cast<std::size_t>(limit)));
  admin::v1::ListAuditReply reply;
  for (admin::v1::AuditRecord& record : records) *reply.add_records() = std::move(record);
  return reply;
}

Awaitable<Result<void>> AdminService::WatchEvents(
    admin::v1::WatchEventsRequest request, std::shared_ptr<rpc::ServerWriter<admin::v1::WatchEventsReply>> writer) {
  EventHub& events = supervisor_.events();
  const bool same_run = request.run() == events.run();
  std::int64_t known = same_run ? std::max<std::int64_t>(request.sequence(), 0) : 0;
  bool counts_missed = same_run;
  if (request.last() > 0 && events.ring().newest() - known > request.last()) {
    known = events.ring().newest() - request.last();
    counts_missed = false;
  }
  while (!writer->cancelled()) {
    const EventRing::Next next = events.ring().After(known);
    if (next.event == nullptr) {
      if (!request.follow()) break;
      co_await events.changed().Wait(kWatchInterval);
      continue;
    }
    admin::v1::WatchEventsReply reply;
    reply.set_run(events.run());
    reply.set_sequence(next.event->sequence);
    reply.set_missed(counts_missed ? next.missed : 0);
    reply.set_worker(next.event->worker);
    *reply.mutable_event() = next.event->event;
    known = next.event->sequence;
    counts_missed = true;
    if (!co_await writer->Send(reply)) break;
  }
  co_return Result<void>();
}

}  // namespace patchbay::supervisor
