// An event as programs and webhooks get it. Pure.
#pragma once

#include <string>

#include "supervisor/events/event_ring.h"

namespace patchbay::supervisor {

// One JSON object on one line: `text` for people, then what the event has. Nothing in it is a secret.
std::string EventJson(const SeenEvent& seen, const std::string& run);

}  // namespace patchbay::supervisor
