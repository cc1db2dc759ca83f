// Between the contracts' messages about quota and our plain values.
#pragma once

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/accounts/v1/quota.pb.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

QuotaFacts ToFacts(const inference::v1::RateLimits& limits);

// What an account's own message says of it.
void WriteQuota(const Quota& quota, WallTime now, v1::Account* out);
void WriteAccountQuota(const AccountView& view, v1::AccountQuota* out);
void WriteForecast(const Quotas::ProviderOutlook& outlook, v1::PoolForecast* out);
void WritePoint(const QuotaPoint& point, v1::QuotaPoint* out);
void WriteResetCredit(const ResetCredit& credit, v1::ResetCredit* out);
void WritePools(const std::vector<PooledQuota>& pools, v1::PoolQuotas* out);

}  // namespace patchbay::accounts
