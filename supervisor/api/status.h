// The supervisor's picture in the admin API's terms.
#pragma once

#include "patchbay/admin/v1/admin.pb.h"
#include "supervisor/control/reload.h"
#include "supervisor/supervisor.h"

namespace patchbay::supervisor {

admin::v1::WorkerState ToProto(Phase phase);
admin::v1::ReloadOutcome ToProto(WorkerAnswer::Kind kind);
admin::v1::Worker DescribeWorker(const Slot& slot, const Clock& clock);
// Everything but accounts_by_state, which only the accounts worker knows.
admin::v1::GetStatusReply DescribeAll(const Supervisor& supervisor);

}  // namespace patchbay::supervisor
