// What people are told of choices, now and after the fact, in the contract's words.
#pragma once

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

AttemptNotes ToNotes(const v1::AttemptNotes& notes);
TracedEnd ToEnd(const v1::Settle& settle);

void WriteExplanation(const Candidate& candidate, int slots, v1::AccountExplanation* out);
// With the labels that accounts have now.
void WriteTrace(const Trace& trace, const Core& core, v1::RequestTrace* out);

}  // namespace patchbay::accounts
