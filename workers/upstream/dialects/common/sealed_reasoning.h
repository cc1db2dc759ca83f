// Reasoning that a provider sealed or signed is for that provider alone: its answers say whose it is, and a request to
// another goes without it. Pure.
#pragma once

#include <string>

#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

// Names `provider` as the one who sealed what the events from `first` on tell.
void MarkSealed(const std::string& provider, int first, GenerateEvents& events);

// Whether there was any that somebody else sealed. The ids of all items go with it: a provider knows an item's id only
// together with the reasoning in front of it.
bool LeaveOutForeignReasoning(const std::string& provider, inference::v1::GenerateRequest& request);

}  // namespace patchbay::upstream
