// The row of a call whose end nobody told.
#pragma once

#include <string>

#include "workers/accounts/pool/events.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// A settlement that comes after all corrects it.
UsageRecord LostCall(const HeldLease& held, std::string why, WallTime now);

}  // namespace patchbay::accounts
