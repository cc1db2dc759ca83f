// Why an account is chosen or not, and what a look at one found, as people read it.
#pragma once

#include <string>

#include "cli/human.h"
#include "patchbay/accounts/v1/account_admin.pb.h"

namespace patchbay::cli {

// Every account in the order in which it would be taken, then those that cannot serve, then what that comes to.
std::string ExplainPage(const accounts::v1::ExplainReply& reply, WallTime now, bool colour);
// "acc_1 (work): exhausted → active"
std::string RecheckLine(const accounts::v1::RecheckAccountReply& reply, WallTime now);

}  // namespace patchbay::cli
