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

Result<ClientKeyId> ClientKeyBook::Resolve(const std::string& id_or_name) const {
  if (const StoredClientKey* key = Find(id_or_name)) return key->id;
  const StoredClientKey* named = nullptr;
  for (const auto& [id, key] : keys_) {
    if (key.name == id_or_name && (named == nullptr || !key.revoked_at)) named = &key;
  }
  if (named == nullptr) return Error(ErrorCode::kNotFound, "no such client key: " + id_or_name);
  return named->id;
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

template <class Visit>
void ClientKeyBook::ForEachComing(Visit visit) const {
  for (const auto& [id, coming] : coming_) visit(coming.key);
  for (const auto& [id, key] : keys_) {
    if (!coming_.contains(id)) visit(key);
  }
}

const StoredClientKey* ClientKeyBook::FindComing(const std::string& id_or_name) const {
  const StoredClientKey* exact = nullptr;
  const StoredClientKey* named = nullptr;
  ForEachComing([&](const StoredClientKey& key) {
    if (key.id.str() == id_or_name) exact = &key;
    if (key.name == id_or_name && (named == nullptr || !key.revoked_at)) named = &key;
  });
  return exact != nullptr ? exact : named;
}

Result<void> ClientKeyBook::CheckRoom() const {
  std::size_t live = 0;
  ForEachComing([&](const StoredClientKey& key) { live += key.revoked_at ? 0 : 1; });
  if (live < kMaxKeys) return {};
  return Error(ErrorCode::kResourceExhausted,
               "there are " + std::to_string(live) + " client keys, and no room for more");
}

Result<void> ClientKeyBook::CheckName(const std::string& name, const ClientKeyId& own) const {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return Error(ErrorCode::kInvalidArgument, "a key's name has 1 to 64 bytes");
  }
  bool taken = false;
  ForEachComing(
      [&](const StoredClientKey& key) { taken = taken || (key.name == name && key.id != own && !key.revoked_at); });
  if (taken) return Error(ErrorCode::kAlreadyExists, "a key has that name: " + name);
  return {};
}

Result<void> ClientKeyBook::CheckExpiry(std::optional<WallTime> expires_at) const {
  if (!expires_at || *expires_at > clock_.Now()) return {};
  return Error(ErrorCode::kInvalidArgument, "it would have expired already; revoke a key that shall end now");
}

Result<StoredClientKey> ClientKeyBook::ToChange(const std::string& id_or_name) const {
  const StoredClientKey* found = FindComing(id_or_name);
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
  CO_RETURN_IF_ERROR(CheckRoom());
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
  const StoredClientKey* found = FindComing(id_or_name);
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
  ForEachComing([&](const StoredClientKey& known) {
    if (known.configured && known.name == user.name && (key.id.empty() || !known.revoked_at)) key = known;
  });
  CO_RETURN_IF_ERROR(CheckName(user.name, key.id));
  std::string rival;
  const auto same = [&](const KeySecret& secret) { return ConstantTimeEqual(secret.sha256, user.sha256); };
  ForEachComing([&](const StoredClientKey& other) {
    // Another one of the configuration may be about to give it up; within one no two are alike.
    if (other.id != key.id && !other.configured && !other.revoked_at &&
        std::any_of(other.secrets.begin(), other.secrets.end(), same)) {
      rival = other.name;
    }
  });
  if (!rival.empty()) {
    KeepNoSecretBut(key.id.str(), user.sha256);  // what it had before is in the configuration no more
    co_return Error(ErrorCode::kAlreadyExists, "client key " + rival + " has the same secret");
  }
  if (key.id.empty() || key.revoked_at) CO_RETURN_IF_ERROR(CheckRoom());
  const bool stands = !key.id.empty() && !key.revoked_at && key.hint == user.hint && IsSame(key.terms, user.terms) &&
                      key.quota_view == user.quota_view && key.expires_at == user.expires_at;
  if (key.id.empty()) {
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
  if (!stands) {
    auto written = co_await Write(key);
    if (!written.ok()) KeepNoSecretBut(key.id.str(), user.sha256);
    co_return written;
  }
  const bool known = keys_[key.id.str()].secrets == key.secrets;
  keys_[key.id.str()] = key;
  if (!known) Told(key);
  co_return key;
}

Awaitable<Result<void>> ClientKeyBook::DropConfiguredBut(std::vector<std::string> names) {
  std::vector<StoredClientKey> gone;
  ForEachComing([&](const StoredClientKey& key) {
    const bool named = std::find(names.begin(), names.end(), key.name) != names.end();
    if (key.configured && !key.revoked_at && !named) gone.push_back(key);
  });
  Result<void> all;
  for (StoredClientKey& key : gone) {
    key.revoked_at = clock_.Now();
    key.secrets.clear();
    const std::string id = key.id.str();
    const auto written = co_await Write(std::move(key));
    if (written.ok()) continue;
    KeepNoSecretBut(id, {});
    all = written.error();
  }
  co_return all;
}

// Whoever took a token out of the configuration wants it to end, whatever the disk is like.
void ClientKeyBook::KeepNoSecretBut(const std::string& id, const std::string& sha256) {
  const auto known = keys_.find(id);
  if (known == keys_.end()) return;
  const auto other = [&](const KeySecret& secret) { return !ConstantTimeEqual(secret.sha256, sha256); };
  if (std::erase_if(known->second.secrets, other) > 0) Told(known->second);
}

// ---- what is told and kept ----

std::vector<ClientKeyId> ClientKeyBook::RevokedTooMany(const StoredClientKey& key) const {
  if (!key.revoked_at) return {};
  std::vector<const StoredClientKey*> revoked;
  for (const auto& [id, known] : keys_) {
    if (known.revoked_at && known.id != key.id && !coming_.contains(id)) revoked.push_back(&known);
  }
  std::vector<ClientKeyId> forgotten;
  if (revoked.size() < kMaxRevoked) return forgotten;
  std::sort(revoked.begin(), revoked.end(), [](const auto* a, const auto* b) {
    return std::tie(a->revoked_at, a->id) < std::tie(b->revoked_at, b->id);
  });
  revoked.resize(revoked.size() - kMaxRevoked + 1);
  for (const StoredClientKey* known : revoked) forgotten.push_back(known->id);
  return forgotten;
}

// What is asked next builds on this at once: of two changes at the same time none is lost. Whoever watches hears of it,
// and whoever looks sees it, when it is durable: so nothing has to be taken back.
Awaitable<Result<StoredClientKey>> ClientKeyBook::Write(StoredClientKey key) {
  const std::string id = key.id.str();
  const std::size_t edit = ++edits_;
  coming_.insert_or_assign(id, Coming{key, edit});
  const std::vector<ClientKeyId> forgotten = RevokedTooMany(key);
  StorageThread::Write write = [key, forgotten](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutClientKey(key));
    for (const ClientKeyId& old : forgotten) RETURN_IF_ERROR(store.RemoveClientKey(old));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (const auto coming = coming_.find(id); coming != coming_.end() && coming->second.edit == edit) {
    coming_.erase(coming);
  }
  if (!written.ok()) co_return written.error();
  for (const ClientKeyId& old : forgotten) keys_.erase(old.str());
  keys_[id] = key;
  Told(key);
  co_return key;
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
