#include "workers/frontend/http/client_auth.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "lib/base/sha256.h"
#include "lib/base/text.h"
#include "lib/keyterms/network.h"
#include "lib/time/proto_time.h"
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

bool HasLimits(const accounts::v1::KeyTerms& terms) {
  return terms.requests_per_minute() > 0 || terms.tokens_per_minute() > 0 || terms.concurrency() > 0 ||
         !terms.budgets().empty();
}

bool CountsTokens(const ClientKey& key) {
  return key.terms != nullptr && (key.terms->tokens_per_minute() > 0 || !key.terms->budgets().empty());
}

std::string SourceOf(const net::HttpRequest& request) { return keyterms::PlainAddress(request.remote_address); }

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

void KeyRing::Upsert(const accounts::v1::ClientKeyHash& key, const KeyRing* before) {
  std::shared_ptr<accounts::v1::KeyStanding> standing;
  for (const KeyRing* ring : {static_cast<const KeyRing*>(this), before}) {
    if (ring == nullptr || standing != nullptr) continue;
    if (const auto known = ring->keys_.find(key.id()); known != ring->keys_.end()) standing = known->second.standing;
  }
  if (standing == nullptr) standing = std::make_shared<accounts::v1::KeyStanding>();
  if (!HasLimits(key.terms())) standing->Clear();  // nobody will tell of it any more
  Remove(key.id());
  Entry& entry = keys_[key.id()];
  entry.key = {key.id(), key.name(), key.quota_view()};
  if (key.has_expires_at()) entry.key.expires_at = ToWallTime(key.expires_at());
  entry.key.terms = std::make_shared<const accounts::v1::KeyTerms>(key.terms());
  entry.key.standing = standing;
  entry.standing = std::move(standing);
  for (const auto& secret : key.secrets()) {
    Door& door = by_hash_[secret.sha256()];
    door = {key.id(), std::nullopt};
    if (secret.has_valid_until()) door.valid_until = ToWallTime(secret.valid_until());
    entry.hashes.push_back(secret.sha256());
  }
}

void KeyRing::Remove(const std::string& id) {
  const auto it = keys_.find(id);
  if (it == keys_.end()) return;
  for (const std::string& hash : it->second.hashes) {
    const auto door = by_hash_.find(hash);
    if (door != by_hash_.end() && door->second.id == id) by_hash_.erase(door);
  }
  keys_.erase(it);
}

void KeyRing::Stand(const accounts::v1::ClientKeyStanding& told) {
  if (const auto it = keys_.find(told.id()); it != keys_.end()) *it->second.standing = told.standing();
}

std::optional<ClientKey> KeyRing::Find(std::string_view presented, WallTime now) const {
  const auto door = by_hash_.find(Sha256(presented));
  if (door == by_hash_.end()) return std::nullopt;
  const ClientKey& key = keys_.at(door->second.id).key;
  const auto over = [&](const std::optional<WallTime>& end) { return end && *end <= now; };
  if (over(door->second.valid_until) || over(key.expires_at)) return std::nullopt;
  return key;
}

const ClientKey* KeyRing::ById(const std::string& id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second.key;
}

bool KeyRing::Knows(std::string_view presented) const { return by_hash_.count(Sha256(presented)) != 0; }

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
  bool over = false;
  for (const std::string& each : presented) {
    if (auto key = ring_.Find(each, clock_.Now())) co_return std::move(*key);
    over = over || ring_.Knows(each);
  }
  // Only who holds a key of ours learns that it was one.
  const char* why = over ? "the client key has expired" : "the client key is not valid";
  co_return Error(ErrorCode::kUnauthenticated, why).From(Origin::kClient);
}

ClientKey ClientAuth::Now(const ClientKey& key) const {
  const ClientKey* now = ring_.ById(key.id);
  return now == nullptr ? key : *now;
}

CallerLogin ClientAuth::CallerLoginOf(const net::HttpRequest& request, const Dialects& dialects) const {
  CallerLogin login;
  for (std::string& each : PresentedKeys(request, dialects)) {
    if (each.starts_with(kOwnPrefix) || ring_.Knows(each)) continue;
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
    case accounts::v1::ClientKeyUpdate::kUpsert: ring.Upsert(update.upsert(), &ring_); return;
    case accounts::v1::ClientKeyUpdate::kRemoved: ring.Remove(update.removed()); return;
    case accounts::v1::ClientKeyUpdate::kStanding: ring.Stand(update.standing()); return;
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
