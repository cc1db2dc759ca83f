// Puts operators' calls on the trail.
#pragma once

#include "lib/base/clock.h"
#include "lib/rpc/server.h"
#include "supervisor/audit/trail.h"

namespace patchbay::supervisor {

// For the server that operators call: each call that changes something is on the disk before its caller hears of it.
// Both outlive the server.
rpc::Server::Observer Audit(AuditTrail& trail, const Clock& clock);
// The same of something that nobody called for: `actor` says who did it.
void AuditOwn(AuditTrail& trail, const Clock& clock, const std::string& actor, const std::string& what,
              const std::string& outcome);

}  // namespace patchbay::supervisor
