// Small requests to named endpoints of a provider: a whole reply, bounded, whatever its status.
#pragma once

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/service.h"

namespace patchbay::upstream {

// `environment` must outlive the fetch.
Awaitable<Result<v1::FetchReply>> RunFetch(const Environment& environment, v1::FetchRequest request);

}  // namespace patchbay::upstream
