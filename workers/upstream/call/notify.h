// A POST to a webhook of the operator's.
#pragma once

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/call/context.h"

namespace patchbay::upstream {

// Shares nothing with any account: neither connection nor TLS session, credential, cookie or profile. `context` must
// outlive it.
Awaitable<Result<v1::NotifyReply>> RunNotify(const CallContext& context, v1::NotifyRequest request);

}  // namespace patchbay::upstream
