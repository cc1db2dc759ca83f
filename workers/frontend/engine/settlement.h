// What accounts is told of a call that is over. Pure.
#pragma once

#include "patchbay/accounts/v1/leasing.pb.h"
#include "workers/frontend/engine/attempt.h"

namespace patchbay::frontend {

// `now` ends the attempt's time. The lease fills in what it was granted with.
accounts::v1::Settle SettlementOf(const CallSpec& spec, const AttemptFacts& facts, accounts::v1::Outcome outcome,
                                  SteadyTime now);

// What a call used: what the provider has said. Of a call that it took and of which it said nothing (the client left,
// the stream broke after its first output, or it simply does not tell), its input by our own count and its output by
// what had passed.
struct Used {
  inference::v1::Usage usage;
  bool estimated = false;
};
Used UsedBy(const Payload& payload, const AttemptFacts& facts, accounts::v1::Outcome outcome);

}  // namespace patchbay::frontend
