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
  if (keys_.contains(id_or_name)) return ClientKeyId(id_or_name);
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
  return key != nullptr && !key->revoked_at;
}

Awaitable<Result<NewClientKey>> ClientKeyBook::Create(std::string name) {
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

Awaitable<Result<StoredClientKey>> ClientKeyBook::Revoke(std::string id_or_name) {
  CO_ASSIGN_OR_RETURN(const ClientKeyId resolved, Resolve(id_or_name));
  const std::string id = resolved.str();
  StoredClientKey key = keys_.at(id);
  if (key.revoked_at) co_return key;
  key.revoked_at = clock_.Now();
  StorageThread::Write write = [key](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutClientKey(key));
    return true;
  };
  const auto written = co_await storage_.Run<bool>(std::move(write));
  if (!written.ok()) co_return written.error();
  keys_[id] = key;
  changes_.Changed(id);
  co_return key;
}

}  // namespace patchbay::accounts
