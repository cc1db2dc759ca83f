#include "workers/frontend/call/expected_tokens.h"

#include <algorithm>

#include "workers/frontend/call/tier_words.h"
#include "workers/frontend/call/token_count.h"

namespace patchbay::frontend {

std::string Payload::tier() const { return canonical ? std::string(TierWord(canonical->tier())) : service_tier; }

ExpectedTokens ExpectedOf(const Payload& payload) {
  if (payload.canonical) return {RoughTokens(*payload.canonical), payload.canonical->sampling().max_output_tokens()};
  return {static_cast<std::int64_t>(std::min(payload.body_bytes, kMaxExpectedBytes) / kBytesPerExpectedToken),
          payload.max_output_tokens};
}

}  // namespace patchbay::frontend
