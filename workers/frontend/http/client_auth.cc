#include "workers/frontend/http/client_auth.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/base/sha256.h"
#include "lib/wire/url.h"

namespace patchbay::frontend {
namespace {

constexpr std::string_view kBearer = "bearer ";

bool IsBearer(std::string_view authorization) {
  if (authorization.size() <= kBearer.size()) return false;
  return std::equal(kBearer.begin(), kBearer.end(), authorization.begin(),
                    [](char expected, char c) { return expected == (c | 0x20); });
}

}  // namespace

std::string PresentedKey(const std::function<std::string_view(std::string_view)>& header, std::string_view query) {
  if (std::string_view key = header("authorization"); IsBearer(key)) {
    key.remove_prefix(kBearer.size());
    key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
    return std::string(key);
  }
  for (const std::string_view name : {"x-api-key", "api-key", "x-goog-api-key"}) {
    if (const std::string_view key = header(name); !key.empty()) return std::string(key);
  }
  return wire::QueryValue(query, "key");
}

void KeyRing::Upsert(const accounts::v1::ClientKeyHash& key) {
  Remove(key.id());
  by_hash_[key.sha256()] = {key.id(), key.name()};
  hash_of_[key.id()] = key.sha256();
}

void KeyRing::Remove(const std::string& id) {
  const auto it = hash_of_.find(id);
  if (it == hash_of_.end()) return;
  by_hash_.erase(it->second);
  hash_of_.erase(it);
}

std::optional<ClientKey> KeyRing::Find(std::string_view presented) const {
  const auto it = by_hash_.find(Sha256(presented));
  if (it == by_hash_.end()) return std::nullopt;
  return it->second;
}

Awaitable<Result<ClientKey>> ClientAuth::Check(std::string presented) {
  if (presented.empty()) {
    co_return Error(ErrorCode::kUnauthenticated, "no client key: send it as 'Authorization: Bearer <key>'")
        .From(Origin::kClient);
  }
  if (!synced_) {
    const auto timer = std::make_shared<asio::steady_timer>(executor_, kFirstSetWait);
    waiting_.push_back(timer);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    std::erase(waiting_, timer);
    if (!synced_) co_return Error(ErrorCode::kUnavailable, "the client keys are not known yet");
  }
  if (auto key = ring_.Find(presented)) co_return std::move(*key);
  co_return Error(ErrorCode::kUnauthenticated, "the client key is not valid").From(Origin::kClient);
}

void ClientAuth::Apply(const accounts::v1::ClientKeyUpdate& update) {
  KeyRing& ring = next_ ? *next_ : ring_;
  switch (update.kind_case()) {
    case accounts::v1::ClientKeyUpdate::kUpsert: ring.Upsert(update.upsert()); return;
    case accounts::v1::ClientKeyUpdate::kRemoved: ring.Remove(update.removed()); return;
    case accounts::v1::ClientKeyUpdate::kSynced: {
      if (next_) ring_ = std::move(*next_);
      next_.reset();
      synced_ = true;
      for (const auto& timer : std::exchange(waiting_, {})) timer->cancel();
      return;
    }
    case accounts::v1::ClientKeyUpdate::KIND_NOT_SET: return;
  }
}

}  // namespace patchbay::frontend
