// The code that the words of a row name (lib/catalog/words): how a provider's list of models is read, its answer about
// quota, and its logins. registry.cc is the one file that knows them all. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "workers/accounts/models/catalog.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/providers/login.h"
#include "workers/accounts/providers/providers.h"
#include "workers/accounts/providers/reset_credits.h"

namespace patchbay::accounts {

using ModelListReader = Result<std::vector<Model>> (*)(std::string_view provider, std::string_view body);
// Whatever the body is, something comes back: an answer that cannot be read says nothing (http_status 0).
using UsageReader = UsageAnswer (*)(int status, std::string_view body, WallTime now);

// Null for a word that has no code.
ModelListReader FindModelListReader(std::string_view shape);
UsageReader FindUsageReader(std::string_view shape);
// Of the same words as usage.
const ResetCreditsCode* FindResetCreditsCode(std::string_view shape);
const Login* FindLogin(std::string_view shape);

// Null for a provider whose accounts are no logins, and for none.
const Login* LoginOf(const Provider* provider);

}  // namespace patchbay::accounts
