// An account's own words in the store, where others may have written theirs.
#pragma once

#include <cstdint>

#include "workers/accounts/store/store.h"

namespace patchbay::accounts {

// What a person brought: it wins over whatever tokens are there by now. `kept`: the version of those that we know of, 0
// for an account that is new. Returns the version that the store has then, which others have not used.
Result<std::int64_t> KeepLogin(Store& store, StoredAccount account, std::int64_t kept);

// What a refresh brought: it stands back behind tokens that somebody else has written meanwhile. Those come back, or
// nothing when ours are kept. kNotFound: the account is gone.
Result<std::optional<StoredAccount>> KeepTokens(Store& store, const StoredAccount& account, std::int64_t kept);

}  // namespace patchbay::accounts
