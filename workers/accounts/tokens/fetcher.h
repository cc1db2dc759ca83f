// Small requests to a provider, made for us by the process that may dial out.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "workers/accounts/pool/ids.h"
#include "workers/accounts/pool/outcome.h"
#include "workers/accounts/providers/token_request.h"

namespace patchbay::accounts {

struct FetchAnswer {
  int status = 0;
  Secret body;
};

// Whose question it is that shows no credential, and by which way out it goes.
struct LoginRoad {
  std::string provider;
  std::string egress;  // empty for direct
  std::string owner;   // an account, or a login that is none yet
};

// An error answer of a provider, as somebody has seen it.
struct SeenAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// What the provider's dialect understands of it.
struct AnswerFacts {
  FailureFacts failure;
  QuotaFacts quota;
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;
  // A question to one of the provider's endpoints for logins, on behalf of the road's owner: no two of them may be seen
  // as one client there. An error means that no whole answer came: the request may have arrived.
  virtual Awaitable<Result<FetchAnswer>> Post(LoginEndpoint endpoint, LoginRoad road, TokenRequest request) = 0;
  // GET of the provider's usage endpoint with the account's credential, of that version or a newer one.
  virtual Awaitable<Result<FetchAnswer>> Usage(std::string provider, AccountId account,
                                               std::int64_t credential_version) = 0;
  // GET of what the account has to reset its windows with, and POST to redeem one of them, with its credential.
  virtual Awaitable<Result<FetchAnswer>> ResetCredits(std::string provider, AccountId account) = 0;
  virtual Awaitable<Result<FetchAnswer>> Redeem(std::string provider, AccountId account, std::string body) = 0;
  // GET of the provider's list of models with the account's credential.
  virtual Awaitable<Result<FetchAnswer>> Models(std::string provider, AccountId account) = 0;
  // Asks no provider.
  virtual Awaitable<Result<AnswerFacts>> ReadError(std::string provider, SeenAnswer answer) = 0;
};

}  // namespace patchbay::accounts
