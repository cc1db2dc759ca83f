// What a person wants to log in with, and whose row leads them through. Pure.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "workers/accounts/pool/ids.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

struct LoginWish {
  std::string provider;  // empty: the default one
  std::string label;
  bool by_device = false;
  AccountId account = {};  // that logs in again; empty: the tokens, else the label, say which
};

// Lives until the providers' next Configure. kInvalidArgument: no such provider. kFailedPrecondition: it has no such
// login, or wants a client id of the operator's.
Result<const Provider*> ProviderFor(const Providers& providers, const LoginWish& wish);

}  // namespace patchbay::accounts
