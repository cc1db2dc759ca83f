// The row of a call whose end nobody told.
#pragma once

#include <string>

#include "workers/accounts/pool/events.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

// A settlement that comes after all corrects it.
UsageRecord LostCall(const HeldLease& held, std::string why, WallTime now);

// A settlement that does not tell all of its call, and what else is known of that call.
bool HasBlanks(const UsageRecord& record);
void FillBlanks(UsageRecord& record, const UsageRecord& known);

}  // namespace patchbay::accounts
