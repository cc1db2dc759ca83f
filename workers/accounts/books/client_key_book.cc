#include "workers/accounts/books/client_key_book.h"

#include <algorithm>

#include "lib/base/encoding.h"
#include "lib/base/random.h"
#include "lib/base/sha256.h"

namespace patchbay::accounts {
namespace {

constexpr std::string_view kPrefix = "pbk_";
constexpr std::string_view kIdPrefix = "ck_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kHintBytes = 4;

}  // namespace

void ClientKeyBook::Load(std::vector<StoredClientKey> keys) {
  for (StoredClientKey& key : keys) {
    const std::string id = key.id.str();
    keys_[id] = std::move(key);
  }
}

const StoredClientKey* ClientKeyBook::Find(const std::string& id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
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
  return key != nullptr && !key->revoked_at;
}

Awaitable<Result<NewClientKey>> ClientKeyBook::Create(std::string name, int quota_view) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    co_return Error(ErrorCode::kInvalidArgument, "a key's name has 1 to 64 bytes");
  }
  if (keys_.size() >= kMaxKeys) co_return Error(ErrorCode::kResourceExhausted, "too many client keys");
  for (const auto& [id, key] : keys_) {
    if (key.name == name && !key.revoked_at) co_return Error(ErrorCode::kAlreadyExists, "a key has that name: " + name);
  }
  NewClientKey made;
  made.secret = Secret(std::string(kPrefix) + Base64UrlEncode(RandomBytes(kRandomBytes)));
  made.key.id = ClientKeyId(RandomId(kIdPrefix, 60));
  made.key.name = std::move(name);
  made.key.hint = made.secret.Reveal().substr(made.secret.Reveal().size() - kHintBytes);
  made.key.sha256 = Sha256(made.secret.Reveal());
  made.key.created_at = clock_.Now();
  made.key.quota_view = quota_view;
  // The name is taken from now on; frontends hear of the key when it is durable.
  keys_[made.key.id.str()] = made.key;
  StorageThread::Write write = [key = made.key](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutClientKey(key));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (!written.ok()) {
    keys_.erase(made.key.id.str());
    co_return written.error();
  }
  changes_.Changed(made.key.id.str());
  co_return made;
}

const StoredClientKey* ClientKeyBook::FindAny(const std::string& id_or_name) const {
  if (const StoredClientKey* key = Find(id_or_name)) return key;
  const StoredClientKey* named = nullptr;
  for (const auto& [id, key] : keys_) {
    if (key.name == id_or_name && (named == nullptr || !key.revoked_at)) named = &key;
  }
  return named;
}

Awaitable<Result<StoredClientKey>> ClientKeyBook::Write(StoredClientKey key) {
  StorageThread::Write write = [key](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutClientKey(key));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (!written.ok()) co_return written.error();
  keys_[key.id.str()] = key;
  changes_.Changed(key.id.str());
  co_return key;
}

Awaitable<Result<StoredClientKey>> ClientKeyBook::SetQuotaView(std::string id_or_name, int quota_view) {
  const StoredClientKey* found = FindAny(id_or_name);
  if (found == nullptr || found->revoked_at) co_return Error(ErrorCode::kNotFound, "no such client key: " + id_or_name);
  StoredClientKey key = *found;
  key.quota_view = quota_view;
  co_return co_await Write(std::move(key));
}

Awaitable<Result<StoredClientKey>> ClientKeyBook::Revoke(std::string id_or_name) {
  const StoredClientKey* found = FindAny(id_or_name);
  if (found == nullptr) co_return Error(ErrorCode::kNotFound, "no such client key: " + id_or_name);
  StoredClientKey key = *found;
  if (key.revoked_at) co_return key;
  key.revoked_at = clock_.Now();
  co_return co_await Write(std::move(key));
}

}  // namespace patchbay::accounts
