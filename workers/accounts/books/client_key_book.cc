#include "workers/accounts/books/client_key_book.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/random.h"
#include "lib/base/sha256.h"
#include "lib/keyterms/terms.h"

namespace patchbay::accounts {
namespace {

using google::protobuf::util::FieldMaskUtil;

constexpr std::string_view kPrefix = "pbk_";
constexpr std::string_view kIdPrefix = "ck_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kHintBytes = 4;

Secret NewSecret() { return Secret(std::string(kPrefix) + Base64UrlEncode(RandomBytes(kRandomBytes))); }

Result<v1::KeyTerms> Merged(v1::KeyTerms terms, const KeyEdit& edit) {
  google::protobuf::FieldMask mask;
  for (const std::string& field : edit.terms_changed) {
    if (!FieldMaskUtil::IsValidPath<v1::KeyTerms>(field)) {
      return Error(ErrorCode::kInvalidArgument, "keys have no term of that name: " + field);
    }
    mask.add_paths(field);
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(edit.terms, mask, options, &terms);
  return terms;
}

bool IsSame(const v1::KeyTerms& a, const v1::KeyTerms& b) { return a.SerializeAsString() == b.SerializeAsString(); }

}  // namespace

void ClientKeyBook::Load(std::vector<StoredClientKey> keys) {
  for (StoredClientKey& key : keys) {
    const std::string id = key.id.str();
    Told(keys_[id] = std::move(key));
  }
}

const StoredClientKey* ClientKeyBook::Find(const std::string& id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

const StoredClientKey* ClientKeyBook::FindAny(const std::string& id_or_name) const {
  if (const StoredClientKey* key = Find(id_or_name)) return key;
  const StoredClientKey* named = nullptr;
  for (const auto& [id, key] : keys_) {
    if (key.name == id_or_name && (named == nullptr || !key.revoked_at)) named = &key;
  }
  return named;
}

Result<ClientKeyId> ClientKeyBook::Resolve(const std::string& id_or_name) const {
  const StoredClientKey* found = FindAny(id_or_name);
  if (found == nullptr) return Error(ErrorCode::kNotFound, "no such client key: " + id_or_name);
  return found->id;
}

std::vector<StoredClientKey> ClientKeyBook::List(bool include_revoked) const {
  std::vector<StoredClientKey> list;
  for (const auto& [id, key] : keys_) {
    if (include_revoked || !key.revoked_at) list.push_back(key);
  }
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id); });
  return list;
}

bool ClientKeyBook::IsValid(const ClientKeyId& id) const {
  if (!id.str().starts_with(kIdPrefix)) return true;
  const StoredClientKey* key = Find(id.str());
  return key != nullptr && key->ValidAt(clock_.Now());
}

std::vector<KeySecret> ClientKeyBook::SecretsOf(const StoredClientKey& key) const {
  std::vector<KeySecret> live;
  const WallTime now = clock_.Now();
  if (!key.ValidAt(now)) return live;
  for (const KeySecret& secret : key.secrets) {
    if (!secret.valid_until || now < *secret.valid_until) live.push_back(secret);
  }
  return live;
}

// ---- what is asked of it ----

Result<void> ClientKeyBook::CheckName(const std::string& name, const ClientKeyId& own) const {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return Error(ErrorCode::kInvalidArgument, "a key's name has 1 to 64 bytes");
  }
  for (const auto& [id, key] : keys_) {
    if (key.name == name && key.id != own && !key.revoked_at) {
      return Error(ErrorCode::kAlreadyExists, "a key has that name: " + name);
    }
  }
  return {};
}

Result<void> ClientKeyBook::CheckExpiry(std::optional<WallTime> expires_at) const {
  if (!expires_at || *expires_at > clock_.Now()) return {};
  return Error(ErrorCode::kInvalidArgument, "it would have expired already; revoke a key that shall end now");
}

Result<StoredClientKey> ClientKeyBook::ToChange(const std::string& id_or_name) const {
  const StoredClientKey* found = FindAny(id_or_name);
  if (found == nullptr || found->revoked_at) return Error(ErrorCode::kNotFound, "no such client key: " + id_or_name);
  if (!found->configured) return *found;
  return Error(ErrorCode::kFailedPrecondition,
               "the configuration names this key (accounts.users." + found->name + "): change its row");
}

void ClientKeyBook::TakeSecret(StoredClientKey& key, const Secret& secret) const {
  key.hint = secret.Reveal().substr(secret.Reveal().size() - kHintBytes);
  key.secrets.insert(key.secrets.begin(), KeySecret{Sha256(secret.Reveal()), std::nullopt});
}

Awaitable<Result<NewClientKey>> ClientKeyBook::Create(KeyWish wish) {
  CO_RETURN_IF_ERROR(CheckName(wish.name, ClientKeyId()));
  CO_RETURN_IF_ERROR(CheckExpiry(wish.expires_at));
  CO_RETURN_IF_ERROR(keyterms::Check(wish.terms));
  if (keys_.size() >= kMaxKeys) co_return Error(ErrorCode::kResourceExhausted, "too many client keys");
  NewClientKey made;
  made.secret = NewSecret();
  made.key.id = ClientKeyId(RandomId(kIdPrefix, 60));
  made.key.name = std::move(wish.name);
  made.key.created_at = clock_.Now();
  made.key.quota_view = wish.quota_view;
  made.key.terms = std::move(wish.terms);
  made.key.expires_at = wish.expires_at;
  TakeSecret(made.key, made.secret);
  CO_RETURN_IF_ERROR(co_await Write(made.key));
  co_return made;
}

Awaitable<Result<StoredClientKey>> ClientKeyBook::Update(std::string id_or_name, KeyEdit edit) {
  CO_ASSIGN_OR_RETURN(StoredClientKey key, ToChange(id_or_name));
  if (!edit.name.empty()) {
    CO_RETURN_IF_ERROR(CheckName(edit.name, key.id));
    key.name = edit.name;
  }
  if (edit.quota_view) key.quota_view = *edit.quota_view;
  if (edit.expires_at == WallTime{}) {
    key.expires_at.reset();
  } else if (edit.expires_at) {
    CO_RETURN_IF_ERROR(CheckExpiry(edit.expires_at));
    key.expires_at = edit.expires_at;
  }
  CO_ASSIGN_OR_RETURN(key.terms, Merged(key.terms, edit));
  CO_RETURN_IF_ERROR(keyterms::Check(key.terms));
  co_return co_await Write(std::move(key));
}

Awaitable<Result<NewClientKey>> ClientKeyBook::Rotate(std::string id_or_name, std::chrono::milliseconds keep_old) {
  if (keep_old < std::chrono::milliseconds(0) || keep_old > kKeepOldMax) {
    co_return Error(ErrorCode::kInvalidArgument, "an old secret stays good for 30 days at most");
  }
  CO_ASSIGN_OR_RETURN(StoredClientKey key, ToChange(id_or_name));
  if (keep_old.count() == 0) key.secrets.clear();
  if (key.secrets.size() > 1) key.secrets.resize(1);
  key.rotated_at = clock_.Now();
  for (KeySecret& old : key.secrets) old.valid_until = *key.rotated_at + keep_old;
  NewClientKey made;
  made.secret = NewSecret();
  TakeSecret(key, made.secret);
  CO_ASSIGN_OR_RETURN(made.key, co_await Write(std::move(key)));
  co_return made;
}

Awaitable<Result<StoredClientKey>> ClientKeyBook::Revoke(std::string id_or_name) {
  const StoredClientKey* found = FindAny(id_or_name);
  if (found == nullptr) co_return Error(ErrorCode::kNotFound, "no such client key: " + id_or_name);
  if (found->revoked_at) co_return *found;
  CO_ASSIGN_OR_RETURN(StoredClientKey key, ToChange(found->id.str()));
  key.revoked_at = clock_.Now();
  co_return co_await Write(std::move(key));
}

// ---- the configuration's ----

Awaitable<Result<StoredClientKey>> ClientKeyBook::PutConfigured(ConfiguredUser user) {
  StoredClientKey key;
  // A row that comes back has its key's id again, and with it what the key has used.
  for (const auto& [id, known] : keys_) {
    if (known.configured && known.name == user.name && (key.id.empty() || !known.revoked_at)) key = known;
  }
  CO_RETURN_IF_ERROR(CheckName(user.name, key.id));
  for (const auto& [id, other] : keys_) {
    const auto same = [&](const KeySecret& secret) { return ConstantTimeEqual(secret.sha256, user.sha256); };
    // Another one of the configuration may be about to give it up; within one no two are alike.
    if (other.id != key.id && !other.configured && !other.revoked_at &&
        std::any_of(other.secrets.begin(), other.secrets.end(), same)) {
      co_return Error(ErrorCode::kAlreadyExists, "client key " + other.name + " has the same secret");
    }
  }
  const bool stands = !key.id.empty() && !key.revoked_at && key.hint == user.hint && IsSame(key.terms, user.terms) &&
                      key.quota_view == user.quota_view && key.expires_at == user.expires_at;
  if (key.id.empty()) {
    if (keys_.size() >= kMaxKeys) co_return Error(ErrorCode::kResourceExhausted, "too many client keys");
    key.id = ClientKeyId(RandomId(kIdPrefix, 60));
    key.name = user.name;
    key.created_at = clock_.Now();
    key.configured = true;
  }
  key.revoked_at.reset();
  key.hint = user.hint;
  key.terms = std::move(user.terms);
  key.quota_view = user.quota_view;
  key.expires_at = user.expires_at;
  key.secrets = {KeySecret{user.sha256, std::nullopt}};
  if (!stands) co_return co_await Write(std::move(key));
  const bool known = keys_[key.id.str()].secrets == key.secrets;
  keys_[key.id.str()] = key;
  if (!known) Told(key);
  co_return key;
}

Awaitable<void> ClientKeyBook::DropConfiguredBut(std::vector<std::string> names) {
  std::vector<StoredClientKey> gone;
  for (const auto& [id, key] : keys_) {
    const bool named = std::find(names.begin(), names.end(), key.name) != names.end();
    if (key.configured && !key.revoked_at && !named) gone.push_back(key);
  }
  for (StoredClientKey& key : gone) {
    key.revoked_at = clock_.Now();
    key.secrets.clear();
    // Should the disk not take it, the key has no secret all the same, and is dropped with the next configuration.
    const std::string id = key.id.str();
    const auto written = co_await Write(std::move(key));
    if (!written.ok()) {
      keys_[id].secrets.clear();
      Told(keys_[id]);
    }
  }
}

// ---- what is told and kept ----

// What is asked next builds on this at once: of two changes at the same time none is lost. Whoever watches hears of it
// when it is durable.
Awaitable<Result<StoredClientKey>> ClientKeyBook::Write(StoredClientKey key) {
  const std::string id = key.id.str();
  const StoredClientKey* known = Find(id);
  const std::optional<StoredClientKey> before = known == nullptr ? std::nullopt : std::optional(*known);
  keys_[id] = key;
  const std::size_t edit = ++edits_[id];
  StorageThread::Write write = [key](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutClientKey(key));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (written.ok()) {
    Told(keys_[id]);
    co_return key;
  }
  if (edits_[id] == edit && before) keys_[id] = *before;
  if (edits_[id] == edit && !before) keys_.erase(id);
  co_return written.error();
}

void ClientKeyBook::Told(const StoredClientKey& key) {
  const bool ends = key.expires_at || std::any_of(key.secrets.begin(), key.secrets.end(),
                                                  [](const KeySecret& secret) { return secret.valid_until; });
  if (ends && !key.revoked_at) {
    live_secrets_[key.id.str()] = SecretsOf(key).size();
  } else {
    live_secrets_.erase(key.id.str());
  }
  if (changed_) changed_(key);
  changes_.Changed(key.id.str());
}

void ClientKeyBook::Tick() {
  for (auto& [id, told] : live_secrets_) {
    const std::size_t live = SecretsOf(keys_[id]).size();
    if (std::exchange(told, live) != live) changes_.Changed(id);
  }
}

}  // namespace patchbay::accounts
