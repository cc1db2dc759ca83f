// Accounts as a line, a table and a page.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "cli/human.h"
#include "cli/table.h"
#include "patchbay/accounts/v1/account_admin.pb.h"

namespace patchbay::cli {

// "acc_x1 (work, plus)".
std::string Describe(const accounts::v1::Account& account);
Table AccountTable(const google::protobuf::RepeatedPtrField<accounts::v1::Account>& accounts, WallTime now);
// "primary 42%"
std::string WindowText(const inference::v1::RateLimitWindow& window);
// Everything known about one account, a fact per line.
std::string AccountPage(const accounts::v1::Account& account, WallTime now, bool colour);

}  // namespace patchbay::cli
