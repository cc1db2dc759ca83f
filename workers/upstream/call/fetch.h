// Small requests to named endpoints of a provider: a whole reply, bounded, whatever its status.
#pragma once

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/call/context.h"

namespace patchbay::upstream {

// `context` must outlive the fetch.
Awaitable<Result<v1::FetchReply>> RunFetch(const CallContext& context, v1::FetchRequest request);

}  // namespace patchbay::upstream
