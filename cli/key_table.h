// Client keys as a table and a page. Pure: the time is a parameter.
#pragma once

#include <string>

#include "cli/table.h"
#include "lib/base/clock.h"
#include "patchbay/accounts/v1/account_admin.pb.h"

namespace patchbay::cli {

Table KeyTable(const accounts::v1::ListClientKeysReply& reply, WallTime now);
// Everything known about one key, a fact per line.
std::string KeyPage(const accounts::v1::ClientKey& key, WallTime now, bool colour);

// "2 models, 60 rpm, 5 USD a day"; "-" where nothing is limited.
std::string LimitsText(const accounts::v1::KeyTerms& terms);
// Of the budget that is used up most: "84% of 5 USD a day"; "-" without one.
Cell UsedText(const accounts::v1::KeyStanding& standing);

}  // namespace patchbay::cli
