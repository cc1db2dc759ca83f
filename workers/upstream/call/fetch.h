// Small requests to named endpoints of a provider: a whole reply, bounded, whatever its status.
#pragma once

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/call/context.h"

namespace patchbay::upstream {

// `context` must outlive the fetch.
Awaitable<Result<v1::FetchReply>> RunFetch(const CallContext& context, v1::FetchRequest request);
// With the caller's own login in place of an account's credential.
Awaitable<Result<v1::CallersUsageReply>> RunCallersUsage(const CallContext& context, v1::CallersUsageRequest request);

}  // namespace patchbay::upstream
