// What this worker tells apart by an id.
#pragma once

#include "lib/base/ids.h"

namespace patchbay::accounts {

using AccountId = StrongId<struct AccountIdTag>;
using LeaseId = StrongId<struct LeaseIdTag>;
using RequestId = StrongId<struct RequestIdTag>;
using ClientKeyId = StrongId<struct ClientKeyIdTag>;
using LoginId = StrongId<struct LoginIdTag>;
using FrontendId = StrongId<struct FrontendIdTag>;

}  // namespace patchbay::accounts
