// Ourselves, by our own name: for providers that sell their API to everybody.
//
// Nothing of the client's passes, and nothing says which conversation a request belongs to: what the provider is to
// know of one stands in the body.
#pragma once

#include "workers/upstream/identity/profiles/profile.h"

namespace patchbay::upstream {

const Profile& PlainProfile();

}  // namespace patchbay::upstream
