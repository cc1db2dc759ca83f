#include "workers/upstream/dialects/codex/extras.h"

#include <string_view>

#include "workers/upstream/dialects/codex/error_decoder.h"
#include "workers/upstream/dialects/codex/rate_limits.h"

namespace patchbay::upstream::codex {
namespace {

responses::EventType FurtherType(std::string_view name) {
  if (name == "codex.rate_limits") return responses::EventType::kRateLimits;
  // Routing and safety hints for the provider's own client.
  return name == "codex.response.metadata" ? responses::EventType::kIgnored : responses::EventType::kUnknown;
}

}  // namespace

const responses::Extras& BackendExtras() {
  static constexpr responses::Extras kExtras = {FurtherType, DecodeRateLimitFrame, CauseOf};
  return kExtras;
}

}  // namespace patchbay::upstream::codex
