// What happens to the tokens of accounts that are there.
#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "lib/log/log.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/books/keep_account.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {

TokenClaims AccountBook::ReadTokens(Entry& entry) {
  TokenClaims claims = TakeClaims(entry);
  if (!entry.stored.ref.empty()) identities_.Put(entry.stored);
  return claims;
}

// Who the tokens say they belong to. What the operator stated stays; plan and email follow the newest token. A key says
// nothing, whatever it looks like.
TokenClaims AccountBook::TakeClaims(Entry& entry) const {
  StoredAccount& account = entry.stored;
  entry.token_expires_at = account.token_expires_at;
  const Login* login = LoginOf(providers_.Find(account.provider));
  if (login == nullptr) return {};
  TokenClaims claims;
  if (auto access = login->read_claims(account.tokens.access.Reveal()); access.ok()) claims = std::move(*access);
  const TokenClaims of_access = claims;
  if (!entry.token_expires_at) entry.token_expires_at = claims.expires_at;
  if (auto id = login->read_claims(account.tokens.id.Reveal()); id.ok()) claims = Combine(std::move(claims), *id);
  if (account.provider_account_id.empty()) account.provider_account_id = claims.provider_account_id;
  if (!claims.user_id.empty()) account.user_id = claims.user_id;
  if (!claims.email.empty()) account.email = claims.email;
  if (!claims.plan.empty()) account.plan = claims.plan;
  account.fedramp = account.fedramp || claims.fedramp;
  return of_access;
}

// One write of an account's tokens at a time, so that each knows which version it follows.
Awaitable<void> AccountBook::TakePen(AccountId ref) {
  for (Entry* entry = Get(ref); entry != nullptr && entry->being_written; entry = Get(ref)) {
    const auto turn = std::make_shared<async::Event>(co_await asio::this_coro::executor);
    entry->waiting.push_back(turn);
    co_await turn->Wait();
  }
  if (Entry* entry = Get(ref)) entry->being_written = true;
}

void AccountBook::LayDownPen(const AccountId& ref) {
  Entry* entry = Get(ref);
  if (entry == nullptr) return;  // whoever erased it has told those that wait
  entry->being_written = false;
  for (const auto& turn : std::exchange(entry->waiting, {})) turn->Notify();
}

void AccountBook::Forget(const AccountId& ref) {
  LayDownPen(ref);
  identities_.Remove(ref);
  entries_.erase(ref);
  carry_(pool_.Remove(ref, Now()));
  credentials_.Changed(ref.str());
}

bool AccountBook::IsKept(const AccountId& ref) const {
  const auto found = entries_.find(ref);
  return found != entries_.end() && found->second.kept_version == found->second.stored.credential_version;
}

Awaitable<Result<void>> AccountBook::ApplyTokens(AccountId ref, Secret shown, Tokens tokens,
                                                 std::optional<std::chrono::seconds> expires_in) {
  Entry* entry = Get(ref);
  if (entry == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  StoredAccount& stored = entry->stored;
  if (!ConstantTimeEqual(stored.tokens.refresh.Reveal(), shown.Reveal())) {
    // A login that came in while the provider thought about the old one.
    log::Info("token.outrun", {{"account", ref}});
    co_return Result<void>();
  }
  if (!tokens.access.empty()) stored.tokens.access = std::move(tokens.access);
  if (!tokens.refresh.empty()) stored.tokens.refresh = std::move(tokens.refresh);
  if (!tokens.id.empty()) stored.tokens.id = std::move(tokens.id);
  ++stored.credential_version;
  stored.tokens_at = clock_.Now();
  stored.token_expires_at.reset();
  stored.token_expires_at = ExpiryOfNew(ReadTokens(*entry), expires_in, clock_.Now());
  ReadTokens(*entry);
  auto written = co_await WriteTokens(ref);
  // In use whether or not the disk took them: the old ones are spent.
  if (entry = Get(ref); entry != nullptr) Publish(*entry);
  co_return written;
}

Awaitable<Result<void>> AccountBook::WriteTokens(AccountId ref) {
  co_await TakePen(ref);
  const Entry* entry = Get(ref);
  if (entry == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  const std::int64_t version = entry->stored.credential_version;
  std::function<Result<std::optional<StoredAccount>>(Store&)> write =
      [copy = entry->stored, kept = entry->kept_version](Store& store) { return KeepTokens(store, copy, kept); };
  auto written = co_await storage_.Run<std::optional<StoredAccount>>(std::move(write));
  Entry* after = Get(ref);
  if (after == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  if (written.ok() && !*written) after->kept_version = version;
  LayDownPen(ref);
  if (!written.ok()) {
    if (written.error().code == ErrorCode::kNotFound) Forget(ref);
    co_return written.error();
  }
  if (*written) Adopt(ref, std::move(**written));
  co_return Result<void>();
}

void AccountBook::Adopt(const AccountId& ref, StoredAccount theirs) {
  Entry* entry = Get(ref);
  if (entry == nullptr) return;
  log::Info("token.adopted", {{"account", ref}, {"version", theirs.credential_version}});
  StoredAccount& stored = entry->stored;
  entry->kept_version = theirs.credential_version;
  // Whoever watches credentials takes a higher version only.
  stored.credential_version = std::max(stored.credential_version + 1, theirs.credential_version);
  stored.tokens = std::move(theirs.tokens);
  stored.tokens_at = theirs.tokens_at;
  stored.token_expires_at = theirs.token_expires_at;
  ReadTokens(*entry);
  Publish(*entry);
}

Awaitable<Result<void>> AccountBook::TakeLogin(AccountId ref, Tokens tokens) {
  Entry* entry = Get(ref);
  if (entry == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  StoredAccount& stored = entry->stored;
  stored.tokens = std::move(tokens);
  ++stored.credential_version;
  stored.token_expires_at.reset();
  stored.tokens_at = std::min(ReadTokens(*entry).issued_at.value_or(clock_.Now()), clock_.Now());
  Publish(*entry);
  carry_(pool_.RefreshSucceeded(ref, Now()));
  co_await TakePen(ref);
  entry = Get(ref);
  if (entry == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  std::function<Result<std::int64_t>(Store&)> write = [copy = entry->stored, kept = entry->kept_version](Store& store) {
    return KeepLogin(store, copy, kept);
  };
  const auto written = co_await storage_.Run<std::int64_t>(std::move(write));
  if (written.ok()) WasKept(ref, *written);
  LayDownPen(ref);
  if (!written.ok()) co_return written.error();
  co_return Result<void>();
}

std::vector<AccountId> AccountBook::WithLoginFile() const {
  std::vector<AccountId> refs;
  for (const auto& [ref, entry] : entries_) {
    if (entry.durable && !entry.stored.login_file.empty()) refs.push_back(ref);
  }
  return refs;
}

Awaitable<Result<Added>> AccountBook::MergeIfKnown(AccountId ref) {
  Entry* entry = Get(ref);
  if (entry == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  Entry* known = SameIdentity(entry->stored);
  if (known == nullptr) co_return Added{ref, true};
  const AccountId kept = known->stored.ref;
  known->stored.tokens = entry->stored.tokens;
  known->stored.tokens_at = entry->stored.tokens_at;
  known->stored.token_expires_at = entry->stored.token_expires_at;
  if (!entry->stored.label.empty()) known->stored.label = entry->stored.label;
  ++known->stored.credential_version;
  ReadTokens(*known);
  co_await TakePen(kept);
  known = Get(kept);
  if (known == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  std::function<Result<std::int64_t>(Store&)> write = [copy = known->stored, version = known->kept_version,
                                                       ref](Store& store) -> Result<std::int64_t> {
    RETURN_IF_ERROR(store.RemoveAccount(ref));
    return KeepLogin(store, copy, version);
  };
  const auto written = co_await storage_.Run<std::int64_t>(std::move(write));
  if (written.ok()) WasKept(kept, *written);
  LayDownPen(kept);
  if (!written.ok()) co_return written.error();
  Forget(ref);
  if (known = Get(kept); known != nullptr) Publish(*known);
  carry_(pool_.RefreshSucceeded(kept, Now()));
  co_return Added{kept, false};
}

void AccountBook::WasKept(const AccountId& ref, std::int64_t version) {
  Entry* entry = Get(ref);
  if (entry == nullptr) return;
  entry->kept_version = version;
  entry->stored.credential_version = std::max(entry->stored.credential_version, version);
}

}  // namespace patchbay::accounts
