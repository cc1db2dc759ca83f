// Denied, as a Problem for the client.
#pragma once

#include <optional>

#include "patchbay/accounts/v1/leasing.pb.h"
#include "workers/frontend/call/problem.h"

namespace patchbay::frontend {

// `last_failure` is the failure that the denied Retry was about; absent after an Acquire.
Problem ProblemOf(const accounts::v1::Denied& denied, const inference::v1::Failure* last_failure);

}  // namespace patchbay::frontend
