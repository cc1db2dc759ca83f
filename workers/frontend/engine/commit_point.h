// Which event commits an answer to its client: from there on there is no second attempt.
#pragma once

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend {

// Whether a client could already have acted on this event. An item that merely began, or facts about
// the call, can still be thrown away.
bool CarriesOutput(const inference::v1::GenerateEvent& event);

}  // namespace patchbay::frontend
