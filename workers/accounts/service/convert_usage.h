// Usage between the contracts' messages and our own words. Every field once, nowhere else.
#pragma once

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

// In. What it cost nobody has said yet.
UsageRecord ToUsageRecord(const v1::Settle& settle);
UsageFilter ToFilter(const v1::UsageFilter& filter);
UsageQuestion ToQuestion(const v1::GetUsageRequest& request);

// Out.
void WriteUsageRow(const UsageRecord& record, v1::UsageRow* out);
void WriteUsageSum(const UsageSum& sum, v1::UsageSum* out);
// But for its label.
void WriteUsageGroup(const UsageQuestion& question, const UsageGroup& group, v1::UsageGroup* out);

}  // namespace patchbay::accounts
