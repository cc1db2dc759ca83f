// Small requests to a provider, made for us by the process that may dial out.
#pragma once

#include <chrono>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

struct FetchAnswer {
  int status = 0;
  Secret body;
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;
  // POST to the provider's token endpoint by the account's way out, on behalf of `account`: no two of them may be seen
  // as one client there. An error means that no whole answer came: the request may have arrived.
  virtual Awaitable<Result<FetchAnswer>> Token(std::string provider, std::string egress, AccountId account,
                                               Secret body) = 0;
  // GET of the provider's usage endpoint with the account's credential.
  virtual Awaitable<Result<FetchAnswer>> Usage(std::string provider, AccountId account) = 0;
  // GET of the provider's list of models with the account's credential.
  virtual Awaitable<Result<FetchAnswer>> Models(std::string provider, AccountId account) = 0;
};

}  // namespace patchbay::accounts
