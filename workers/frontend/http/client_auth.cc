#include "workers/frontend/http/client_auth.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/base/sha256.h"
#include "lib/base/text.h"
#include "lib/wire/url.h"

namespace patchbay::frontend {
namespace {

constexpr std::string_view kOwnHeader = "x-patchbay-key";
// How every key of ours begins: one that is not valid any more is no login at a provider.
constexpr std::string_view kOwnPrefix = "pbk_";

// Empty when the value is of another scheme. The scheme's name has no case, and any blank space may follow it (RFC 9110
// §11.1, §11.4).
std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer";
  authorization = Trim(authorization, kBlanks);
  if (!StartsWithIgnoreCase(authorization, kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  const std::string_view token = TrimStart(authorization, kBlanks);
  return token.size() == authorization.size() ? std::string_view() : token;
}

}  // namespace

std::vector<std::string> PresentedKeys(const net::HttpRequest& request, const Dialects& dialects) {
  std::vector<std::string> keys;
  const auto add = [&](std::string_view key) {
    if (!key.empty()) keys.emplace_back(key);
  };
  if (const auto own = request.Find(kOwnHeader)) add(Trim(*own, kBlanks));
  for (const net::HttpHeader& header : request.headers) {
    if (EqualsIgnoreCase(header.name, "authorization")) add(BearerToken(header.value));
  }
  for (const auto& dialect : dialects.all()) {
    for (const std::string_view name : dialect->key_headers()) {
      for (const net::HttpHeader& header : request.headers) {
        if (EqualsIgnoreCase(header.name, name)) add(Trim(header.value, kBlanks));
      }
    }
    if (!dialect->key_parameter().empty()) add(wire::QueryValue(request.query, dialect->key_parameter()));
  }
  return keys;
}

void KeyRing::Upsert(const accounts::v1::ClientKeyHash& key) {
  Remove(key.id());
  by_hash_[key.sha256()] = {key.id(), key.name(), key.quota_view()};
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

Awaitable<Result<ClientKey>> ClientAuth::Check(std::vector<std::string> presented) {
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
  for (const std::string& each : presented) {
    if (auto key = ring_.Find(each)) co_return std::move(*key);
  }
  co_return Error(ErrorCode::kUnauthenticated, "the client key is not valid").From(Origin::kClient);
}

CallerLogin ClientAuth::CallerLoginOf(const net::HttpRequest& request, const Dialects& dialects) const {
  CallerLogin login;
  for (std::string& each : PresentedKeys(request, dialects)) {
    if (each.starts_with(kOwnPrefix) || ring_.Find(each)) continue;
    login.access_token = Secret(std::move(each));
    login.provider_account_id = request.Find("chatgpt-account-id").value_or("");
    login.fedramp = request.Find("x-openai-fedramp").value_or("") == "true";
    break;
  }
  return login;
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
