// Usage as people read it and as spreadsheets do. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/table.h"
#include "lib/base/clock.h"
#include "patchbay/accounts/v1/account_admin.pb.h"

namespace patchbay::cli {

// "$12.40", "$0.0123", "$0.000460".
std::string HumanDollars(std::int64_t nano_dollars);
// "0.000460000": all that is known.
std::string ExactDollars(std::int64_t nano_dollars);

Table UsageRowTable(const accounts::v1::ListUsageReply& reply, WallTime now);
// With all of them in the last line.
Table UsageSumTable(std::string_view by, const accounts::v1::GetUsageReply& reply);

// RFC 4180, with a line of names first. A field that a spreadsheet would take for a formula has a ' in front.
std::string UsageRowCsv(const accounts::v1::ListUsageReply& reply);
std::string UsageSumCsv(std::string_view by, const accounts::v1::GetUsageReply& reply);

}  // namespace patchbay::cli
