// What people are told of, in the contract's words.
#pragma once

#include "patchbay/events/v1/event.pb.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

events::v1::Event ToEvent(const Happened& what, const Core& core, WallTime now);

}  // namespace patchbay::accounts
