// The story of one request, as people read it.
#pragma once

#include <string>

#include "cli/human.h"
#include "patchbay/accounts/v1/account_admin.pb.h"

namespace patchbay::cli {

std::string TracePage(const accounts::v1::RequestTrace& trace, WallTime now, bool colour);

}  // namespace patchbay::cli
