#include "workers/accounts/books/keep_account.h"

#include <algorithm>
#include <utility>

namespace patchbay::accounts {

Result<std::int64_t> KeepLogin(Store& store, StoredAccount account, std::int64_t kept) {
  if (kept > 0 && kept != account.credential_version) {
    ASSIGN_OR_RETURN(bool written, store.PutTokens(account, kept));
    if (!written) {
      ASSIGN_OR_RETURN(const std::optional<StoredAccount> theirs, store.LoadAccount(account.ref));
      if (theirs) {
        account.credential_version = std::max(account.credential_version, theirs->credential_version + 1);
        ASSIGN_OR_RETURN(written, store.PutTokens(account, theirs->credential_version));
        // Read in this very transaction.
        if (!written) return Error(ErrorCode::kInternal, "an account changed inside a transaction");
      }
    }
  }
  RETURN_IF_ERROR(store.PutAccount(account));
  return account.credential_version;
}

Result<std::optional<StoredAccount>> KeepTokens(Store& store, const StoredAccount& account, std::int64_t kept) {
  if (kept != account.credential_version) {
    ASSIGN_OR_RETURN(const bool written, store.PutTokens(account, kept));
    if (written) return std::optional<StoredAccount>();
  }
  ASSIGN_OR_RETURN(std::optional<StoredAccount> theirs, store.LoadAccount(account.ref));
  if (!theirs) return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  if (theirs->credential_version == account.credential_version && kept == account.credential_version)
    return std::optional<StoredAccount>();
  return theirs;
}

}  // namespace patchbay::accounts
