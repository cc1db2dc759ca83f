// Taking powers away from this process, for good: whatever a hostile input makes of it later, it cannot.
#pragma once

#include "lib/base/result.h"

namespace patchbay::worker {

// No new internet socket (AF_INET, AF_INET6) can be made: socket() answers EAFNOSUPPORT. Unix sockets, inherited
// sockets and accept() on them go on working, so a process with a passed listener still serves but never dials out.
// Holds for every thread and child, existing and to come; cannot be undone.
Result<void> ForbidInternetSockets();

// The same filter under the name of what it means for a process that has internet listeners.
inline Result<void> ForbidOutboundInternet() { return ForbidInternetSockets(); }

// No socket can be made a listener any more: listen() answers EACCES. Inherited listeners and connecting go on working,
// so a process that dials out cannot be reached by any way that the supervisor did not give it.
Result<void> ForbidListening();

}  // namespace patchbay::worker
