#include "workers/accounts/books/account_book.h"

#include <algorithm>
#include <set>

#include "lib/base/random.h"
#include "workers/accounts/books/keep_account.h"
#include "workers/accounts/pool/tags.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

constexpr std::size_t kMaxLabelBytes = 64;
constexpr std::size_t kMaxTokenBytes = 64 * 1024;

Result<void> CheckPriority(int priority) {
  if (priority >= -AccountBook::kPriorityMax && priority <= AccountBook::kPriorityMax) return {};
  return Error(ErrorCode::kInvalidArgument, "a priority is between -1000 and 1000");
}

Result<void> CheckWeight(int weight) {
  if (weight >= 1 && weight <= AccountBook::kWeightMax) return {};
  return Error(ErrorCode::kInvalidArgument, "a weight is between 1 and 1000");
}

Result<void> CheckTags(const std::vector<std::string>& tags) {
  if (tags.size() <= kTagsMax && std::all_of(tags.begin(), tags.end(), IsTag)) return {};
  return Error(ErrorCode::kInvalidArgument,
               "an account has at most 16 tags, each of 1 to 64 letters, digits, '.', '_' and '-'");
}

}  // namespace

// While callers show logins of their own, accounts of the operator's rest.
AccountFacts AccountBook::FactsOf(const Entry& entry) const {
  const StoredAccount& account = entry.stored;
  const Provider* provider = providers_.Find(account.provider);
  return {account.ref,
          account.label,
          account.provider,
          account.egress,
          account.plan,
          account.order,
          account.enabled &&
              (provider == nullptr || provider->credential != Credential::kCallers || !account.configured_by.empty()),
          !account.tokens.access.empty() || (provider != nullptr && !provider->needs_secret()),
          !account.tokens.refresh.empty(),
          entry.token_expires_at,
          account.credential_version,
          provider == nullptr || provider->credential == Credential::kLogin,
          account.priority,
          account.weight,
          provider != nullptr && provider->credential == Credential::kCallers,
          account.tags};
}

void AccountBook::RowsChanged() {
  for (const auto& [ref, entry] : entries_) {
    if (entry.durable) carry_(pool_.Put(FactsOf(entry), Now()));
  }
}

void AccountBook::Load(std::vector<StoredAccount> accounts) {
  const Moment now = Now();
  for (StoredAccount& account : accounts) {
    const AccountId ref = account.ref;
    next_order_ = std::max(next_order_, account.order + 1);
    Entry& entry = entries_[ref];
    entry.stored = std::move(account);
    entry.durable = true;
    entry.kept_version = entry.stored.credential_version;
    ReadTokens(entry);
    carry_(pool_.Put(FactsOf(entry), now));
    pool_.Restore(ref, entry.stored.mark, entry.stored.quota, now);
  }
}

const StoredAccount* AccountBook::Find(const AccountId& ref) const {
  const auto found = entries_.find(ref);
  return found == entries_.end() ? nullptr : &found->second.stored;
}

AccountBook::Entry* AccountBook::Get(const AccountId& ref) {
  const auto found = entries_.find(ref);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<AccountId> AccountBook::Resolve(const std::string& text) const {
  if (text.empty()) return Error(ErrorCode::kInvalidArgument, "no account named");
  std::vector<AccountId> by_prefix, by_label;
  for (const auto& [ref, entry] : entries_) {
    if (!entry.durable) continue;
    if (ref.str() == text) return ref;
    if (entry.stored.label == text) by_label.push_back(ref);
    if (ref.str().starts_with(text)) by_prefix.push_back(ref);
  }
  const auto& matches = by_label.empty() ? by_prefix : by_label;
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) return Error(ErrorCode::kNotFound, "no such account: " + text);
  return Error(ErrorCode::kInvalidArgument, "more than one account matches: " + text);
}

std::vector<const StoredAccount*> AccountBook::All() const {
  std::vector<const StoredAccount*> all;
  for (const auto& [ref, entry] : entries_) {
    if (entry.durable) all.push_back(&entry.stored);
  }
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
  return all;
}

std::optional<WallTime> AccountBook::TokenExpiry(const AccountId& ref) const {
  const auto found = entries_.find(ref);
  return found == entries_.end() ? std::nullopt : found->second.token_expires_at;
}

void AccountBook::CountRequest(const AccountId& ref, WallTime at) {
  Entry* entry = Get(ref);
  if (entry == nullptr) return;
  ++entry->stored.requests_total;
  if (!entry->stored.last_used_at || *entry->stored.last_used_at < at) entry->stored.last_used_at = at;
}

AccountBook::Entry* AccountBook::SameIdentity(const StoredAccount& account) {
  const auto same = identities_.SameAs(
      account, [&](const AccountId& ref) { return IsSameIdentity(account, entries_.at(ref).stored); });
  return same ? Get(*same) : nullptr;
}

// Whose tokens a login's take the place of, where they do not say whose they are: the account that the person named,
// else the one of that label. Null: it is a new account.
AccountBook::Entry* AccountBook::MeantBy(const NewAccount& account, const StoredAccount& fresh) {
  const auto may_be = [&](const StoredAccount& stored) {
    const bool said = !stored.provider_account_id.empty() && !fresh.provider_account_id.empty();
    return stored.provider == fresh.provider && stored.configured_by.empty() && !said;
  };
  if (!account.replaces.empty()) {
    Entry* named = Get(account.replaces);
    return named != nullptr && may_be(named->stored) ? named : nullptr;
  }
  if (!account.issued || account.label.empty() || !fresh.provider_account_id.empty()) return nullptr;
  Entry* meant = nullptr;
  for (auto& [ref, entry] : entries_) {
    const StoredAccount& stored = entry.stored;
    if (stored.label != account.label || !stored.provider_account_id.empty() || !may_be(stored)) continue;
    if (meant != nullptr) return nullptr;  // which of the two nobody can say
    meant = &entry;
  }
  return meant;
}

Result<void> AccountBook::Check(const NewAccount& account, const Provider& provider) const {
  const Tokens& tokens = account.tokens;
  for (const Secret* token : {&tokens.access, &tokens.refresh, &tokens.id}) {
    const std::string& text = token->Reveal();
    if (text.size() > kMaxTokenBytes) return Error(ErrorCode::kInvalidArgument, "a token is too long");
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
      return Error(ErrorCode::kInvalidArgument, "a token holds characters that no token has");
    }
  }
  if (account.label.size() > kMaxLabelBytes) return Error(ErrorCode::kInvalidArgument, "a label has at most 64 bytes");
  RETURN_IF_ERROR(CheckPriority(account.priority));
  RETURN_IF_ERROR(CheckWeight(account.weight));
  RETURN_IF_ERROR(CheckTags(account.tags));
  if (provider.credential == Credential::kLogin) {
    if (!tokens.access.empty() || !tokens.refresh.empty()) return {};
    return Error(ErrorCode::kInvalidArgument, "neither an access token nor a refresh token");
  }
  if (!tokens.refresh.empty() || !tokens.id.empty()) {
    return Error(ErrorCode::kInvalidArgument, "accounts of " + provider.title() + " have a key and no refresh token");
  }
  if (provider.credential == Credential::kKey && tokens.access.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 provider.title() + " needs a key" +
                     (provider.row.key_page().empty() ? "" : "; get one at " + provider.row.key_page()));
  }
  if (provider.credential == Credential::kCallers && account.configured_by.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "each caller of " + provider.title() + " shows a login of its own: there is no account to add");
  }
  if (!provider.needs_secret() && provider.credential != Credential::kMaybeKey && !tokens.access.empty()) {
    return Error(ErrorCode::kInvalidArgument, provider.title() + " takes no key; add it without one");
  }
  return {};
}

// Makes the change in memory. The account's ref, or why it cannot be added.
Result<AccountId> AccountBook::Prepare(NewAccount& account, bool& created) {
  const Provider* provider = account.provider.empty() ? providers_.Default() : providers_.Find(account.provider);
  if (provider == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "unknown provider: " + account.provider +
                                                  "; `patchbay providers list` shows those that the configuration has");
  }
  account.provider = provider->id;
  RETURN_IF_ERROR(Check(account, *provider));

  Entry fresh;
  fresh.stored.provider = account.provider;
  fresh.stored.label = account.label;
  fresh.stored.provider_account_id = account.provider_account_id;
  fresh.stored.configured_by = account.configured_by;
  fresh.stored.enabled = account.enabled;
  fresh.stored.priority = account.priority;
  fresh.stored.weight = account.weight;
  fresh.stored.tags = Sorted(std::move(account.tags));
  fresh.stored.login_file = account.login_file;
  fresh.stored.tokens = std::move(account.tokens);
  TokenClaims claims = ReadTokens(fresh);
  if (account.issued) {
    fresh.stored.token_expires_at = ExpiryOfNew(claims, account.expires_in, clock_.Now());
    ReadTokens(fresh);
  }
  // Tokens from a file may be older than they came.
  fresh.stored.tokens_at = std::min(claims.issued_at.value_or(clock_.Now()), clock_.Now());
  const Secret& access = fresh.stored.tokens.access;
  if (const Login* login = LoginOf(provider); login != nullptr && !access.empty()) {
    const bool readable = login->read_claims(access.Reveal()).ok() || login->is_opaque(access.Reveal());
    if (!readable && fresh.stored.provider_account_id.empty()) {
      return Error(ErrorCode::kInvalidArgument, "the access token is not a JSON web token");
    }
    if (fresh.token_expires_at && *fresh.token_expires_at <= clock_.Now() && fresh.stored.tokens.refresh.empty()) {
      return Error(ErrorCode::kInvalidArgument, "the access token has expired and there is no refresh token");
    }
  }
  Entry* known = SameIdentity(fresh.stored);
  const bool by_word = known == nullptr;  // and not by what the tokens say
  if (by_word) known = MeantBy(account, fresh.stored);
  if (const Entry* named = Get(account.replaces); named != nullptr && named != known) {
    return Error(ErrorCode::kAlreadyExists, "this login is not that of account " + account.replaces.str() +
                                                ": log out at the provider's page, and in as the right person");
  }
  for (const auto& [ref, entry] : entries_) {
    if (account.login_file.empty()) break;
    const bool other = known == nullptr || ref != known->stored.ref;
    if (other && entry.stored.login_file == account.login_file)
      return Error(ErrorCode::kAlreadyExists, account.login_file + " is shared with account " + ref.str() +
                                                  " already: end that first (patchbay accounts update " + ref.str() +
                                                  " --not-shared), or remove it");
  }
  if (known != nullptr) {
    created = false;
    StoredAccount& stored = known->stored;
    if (!account.login_file.empty()) stored.login_file = account.login_file;
    if (!account.label.empty()) stored.label = account.label;
    if (stored.provider_account_id.empty()) stored.provider_account_id = fresh.stored.provider_account_id;
    // A copy from before the last refresh holds a refresh token that is spent.
    const auto known_issued_at = ReadTokens(*known).issued_at;
    if (claims.issued_at && known_issued_at && *claims.issued_at < *known_issued_at) return stored.ref;
    if (by_word) stored.tokens = {};  // they may be another person's
    if (by_word || !access.empty()) {
      stored.tokens.access = access;
      stored.token_expires_at = fresh.stored.token_expires_at;
      stored.tokens_at = fresh.stored.tokens_at;
    }
    if (!fresh.stored.tokens.refresh.empty()) stored.tokens.refresh = fresh.stored.tokens.refresh;
    if (!fresh.stored.tokens.id.empty()) stored.tokens.id = fresh.stored.tokens.id;
    ++stored.credential_version;
    ReadTokens(*known);
    return stored.ref;
  }
  if (entries_.size() >= kMaxAccounts) return Error(ErrorCode::kResourceExhausted, "too many accounts");
  created = true;
  do {
    fresh.stored.ref = AccountId(RandomId("acc_", 60));
  } while (entries_.contains(fresh.stored.ref));
  fresh.stored.order = next_order_++;
  fresh.stored.created_at = clock_.Now();
  fresh.stored.mark.since = fresh.stored.created_at;
  const AccountId ref = fresh.stored.ref;
  identities_.Put(fresh.stored);
  entries_.emplace(ref, std::move(fresh));
  return ref;
}

void AccountBook::Publish(const Entry& entry) {
  PutInPool(entry);
  if (changed_) changed_();
}

void AccountBook::PutInPool(const Entry& entry) {
  carry_(pool_.Put(FactsOf(entry), Now()));
  credentials_.Changed(entry.stored.ref.str());
}

Awaitable<std::vector<Result<Added>>> AccountBook::Add(std::vector<NewAccount> accounts,
                                                       std::function<Result<void>(Store&)> also) {
  std::vector<Result<Added>> results;
  std::set<AccountId> refs;  // in their order: whoever takes several pens takes them so
  for (NewAccount& account : accounts) {
    bool created = false;
    auto ref = Prepare(account, created);
    if (!ref.ok()) {
      results.emplace_back(std::move(ref).error());
      continue;
    }
    results.emplace_back(Added{*ref, created});
    refs.insert(*ref);
  }
  if (refs.empty()) co_return results;
  for (const AccountId& ref : refs) co_await TakePen(ref);
  struct Write {
    StoredAccount account;
    std::int64_t kept = 0;
  };
  std::vector<Write> writes;
  for (const auto& result : results) {
    if (!result.ok() || !refs.contains(result->account)) continue;
    const Entry* entry = Get(result->account);
    if (entry != nullptr) writes.push_back({entry->stored, entry->kept_version});
  }
  using Versions = std::map<AccountId, std::int64_t>;
  std::function<Result<Versions>(Store&)> write = [writes = std::move(writes),
                                                   also = std::move(also)](Store& store) -> Result<Versions> {
    Versions versions;
    for (const auto& [account, kept] : writes) {
      const auto earlier = versions.find(account.ref);  // the same account twice in one document
      ASSIGN_OR_RETURN(versions[account.ref],
                       KeepLogin(store, account, earlier == versions.end() ? kept : earlier->second));
    }
    if (also) RETURN_IF_ERROR(also(store));
    return versions;
  };
  const auto written = co_await storage_.Run<Versions>(std::move(write));
  for (const AccountId& ref : refs) {
    if (written.ok()) WasKept(ref, written->at(ref));
    LayDownPen(ref);
  }
  for (auto& result : results) {
    if (!result.ok()) continue;
    Entry* entry = Get(result->account);
    if (!written.ok()) {
      if (entry != nullptr && result->created) {
        identities_.Remove(result->account);
        entries_.erase(result->account);
      }
      result = written.error();
      continue;
    }
    if (entry == nullptr) continue;  // removed meanwhile
    entry->durable = true;
    PutInPool(*entry);
    // A login is what an expired account was waiting for.
    if (!result->created) carry_(pool_.RefreshSucceeded(result->account, Now()));
  }
  // Once for all of them: who is told looks at every account there is.
  if (written.ok() && changed_) changed_();
  co_return results;
}

Awaitable<Result<void>> AccountBook::Update(AccountId ref, AccountEdit edit) {
  Entry* entry = Get(ref);
  if (entry == nullptr || !entry->durable) co_return Error(ErrorCode::kNotFound, "no such account");
  if (edit.label && edit.label->size() > kMaxLabelBytes)
    co_return Error(ErrorCode::kInvalidArgument, "a label has at most 64 bytes");
  if (edit.priority) CO_RETURN_IF_ERROR(CheckPriority(*edit.priority));
  if (edit.weight) CO_RETURN_IF_ERROR(CheckWeight(*edit.weight));
  if (edit.tags) {
    edit.tags = Sorted(std::move(*edit.tags));
    CO_RETURN_IF_ERROR(CheckTags(*edit.tags));
  }
  // Puts the account's values into `edit`, and those of `edit` into the account, where `edit` has one.
  const auto exchange = [&edit](StoredAccount& stored) {
    if (edit.enabled) std::swap(*edit.enabled, stored.enabled);
    if (edit.label) std::swap(*edit.label, stored.label);
    if (edit.priority) std::swap(*edit.priority, stored.priority);
    if (edit.weight) std::swap(*edit.weight, stored.weight);
    if (edit.tags) std::swap(*edit.tags, stored.tags);
    if (edit.login_file) std::swap(*edit.login_file, stored.login_file);
  };
  exchange(entry->stored);
  StorageThread::Write write = [copy = entry->stored](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutAccount(copy));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  entry = Get(ref);
  if (entry == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
  if (!written.ok()) {
    exchange(entry->stored);
    co_return written.error();
  }
  Publish(*entry);
  co_return Result<void>();
}

Awaitable<Result<void>> AccountBook::Remove(AccountId ref) {
  if (Get(ref) == nullptr) co_return Error(ErrorCode::kNotFound, "no such account");
  StorageThread::Write write = [ref](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.RemoveAccount(ref));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (!written.ok()) co_return written.error();
  Forget(ref);
  if (changed_) changed_();
  co_return Result<void>();
}

}  // namespace patchbay::accounts
