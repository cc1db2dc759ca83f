// Facts about a provider's answer, put into the messages that carry them. Shared by calls and sockets.
#pragma once

#include <string>

#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/providers/providers.h"
#include "workers/upstream/transport/connector.h"

namespace patchbay::upstream {

// Windows of `update` replace those of the same name; the rest stays (headers and frames tell different parts).
void Merge(const inference::v1::RateLimits& update, inference::v1::RateLimits& limits);

// The status and the headers that a client may see.
v1::Head VisibleHead(const Dialect& dialect, const ResponseHead& head);

inference::v1::Failure FailureOf(const TransportFailure& failed);

// Of a call to a provider that wants each caller's own login, which brought none.
inference::v1::Failure NoCallersLogin(const Provider& provider);

// End's summary of a response, its quota facts added to those that are there. `status` is of the response's head.
void TakeSummary(const ResponseSummary& summary, int status, v1::End& end);

}  // namespace patchbay::upstream
