#include "workers/upstream/call/context.h"

#include <algorithm>

#include "lib/time/proto_time.h"

namespace patchbay::upstream {

Timeouts CallContext::CallTimeouts(const Provider& provider, std::chrono::milliseconds total) const {
  Timeouts timeouts;
  timeouts.connect = ToMilliseconds(config.connect_timeout());
  timeouts.first_byte = ToMilliseconds(config.first_byte_timeout());
  timeouts.stall = ToMilliseconds(config.stall_timeout());
  const auto first_byte = ToMilliseconds(provider.row.limits().first_byte());
  const auto stall = ToMilliseconds(provider.row.limits().stall());
  if (first_byte.count() > 0) timeouts.first_byte = first_byte;
  if (stall.count() > 0) timeouts.stall = stall;
  std::chrono::milliseconds bound = ToMilliseconds(config.total_timeout());
  if (total.count() > 0) bound = std::min(bound, total);
  timeouts.total = std::chrono::steady_clock::now() + bound;
  return timeouts;
}

}  // namespace patchbay::upstream
