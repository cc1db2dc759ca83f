// Serves patchbay.admin.v1.Admin: the operator's one address.
#pragma once

#include <memory>

#include "lib/rpc/server.h"
#include "patchbay/admin/v1/admin.grpc.pb.h"
#include "supervisor/api/relay.h"
#include "supervisor/audit/trail.h"
#include "supervisor/control/reload.h"
#include "supervisor/events/notifications.h"
#include "supervisor/logs/log_hub.h"
#include "supervisor/supervisor.h"

namespace patchbay::supervisor {

class AdminService {
 public:
  AdminService(rpc::Server& server, Supervisor& supervisor, Reloader& reloader, LogHub& logs, Relay& relay,
               Notifications& notifications, const AuditTrail& trail);

 private:
  Awaitable<Result<admin::v1::GetStatusReply>> Status();
  Awaitable<Result<void>> WatchStatus(std::shared_ptr<rpc::ServerWriter<admin::v1::GetStatusReply>> writer);
  Awaitable<Result<admin::v1::RestartWorkerReply>> Restart(admin::v1::RestartWorkerRequest request);
  Awaitable<Result<admin::v1::DrainWorkerReply>> Drain(admin::v1::DrainWorkerRequest request);
  Awaitable<Result<admin::v1::ReloadReply>> Reload();
  Awaitable<Result<void>> TailLogs(admin::v1::TailLogsRequest request,
                                   std::shared_ptr<rpc::ServerWriter<admin::v1::TailLogsReply>> writer);
  admin::v1::ListNotificationsReply ListNotifications();
  Result<admin::v1::ListAuditReply> ListAudit(const admin::v1::ListAuditRequest& request) const;
  Awaitable<Result<void>> WatchEvents(admin::v1::WatchEventsRequest request,
                                      std::shared_ptr<rpc::ServerWriter<admin::v1::WatchEventsReply>> writer);

  Supervisor& supervisor_;
  Reloader& reloader_;
  LogHub& logs_;
  Relay& relay_;
  Notifications& notifications_;
  const AuditTrail& trail_;
  admin::v1::Admin::AsyncService service_;
};

}  // namespace patchbay::supervisor
