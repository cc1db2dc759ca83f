#include "tests/sim/accounts.h"

#include "lib/base/random.h"
#include "tests/sim/jwt.h"

namespace patchbay::sim {
namespace {

constexpr long long kIdTokenSeconds = 3600;
constexpr std::size_t kKeyChars = 40;
constexpr std::size_t kApiKeyBits = 240;

}  // namespace

void Accounts::ResetWindows(Account& account, long long now) {
  account.primary = Window{12, 300, now + 9000};
  account.secondary = Window{31, 10080, now + 300'000};
  account.extra.clear();
  account.credits = {};
  account.reset_credits.clear();
  account.used_per_request = 0;
}

Account* Accounts::Create(const NewAccount& wanted, long long now) {
  if (accounts_.size() >= kAccountsMax || FindByKey(wanted.api_key) != nullptr) return nullptr;
  auto account = std::make_unique<Account>();
  account->id = RandomUuid();
  account->user_id = RandomId("user-", 80);
  account->label = wanted.label.empty() ? "account-" + std::to_string(accounts_.size() + 1) : wanted.label;
  account->email = account->label + "@example.com";
  account->plan = wanted.plan;
  account->expires_in_s = wanted.expires_in_s;
  account->cookie = RandomId("", 160);
  ResetWindows(*account, now);
  Rotate(*account, now);
  Account* raw = account.get();
  raw->api_key = wanted.api_key;
  raw->api_key.empty() ? ReplaceKey(*raw) : void(api_keys_[raw->api_key] = raw);
  accounts_.emplace(raw->id, std::move(account));
  return raw;
}

Account* Accounts::Find(std::string_view id) {
  const auto it = accounts_.find(id);
  return it == accounts_.end() ? nullptr : it->second.get();
}

Account* Accounts::FindByKey(std::string_view api_key) {
  const auto it = api_keys_.find(api_key);
  return it == api_keys_.end() ? nullptr : it->second;
}

void Accounts::ReplaceKey(Account& account) {
  api_keys_.erase(account.api_key);
  account.api_key = RandomId("sk-sim-", kApiKeyBits);
  api_keys_[account.api_key] = &account;
}

std::string_view Accounts::TokenKey(std::string_view token) {
  return token.size() <= kKeyChars ? token : token.substr(token.size() - kKeyChars);
}

void Accounts::Forget(Account& account) {
  access_tokens_.erase(std::string(TokenKey(account.access_token)));
  refresh_tokens_.erase(account.refresh_token);
}

bool Accounts::Remove(std::string_view id) {
  const auto it = accounts_.find(id);
  if (it == accounts_.end()) return false;
  Forget(*it->second);
  api_keys_.erase(it->second->api_key);
  accounts_.erase(it);
  return true;
}

void Accounts::Clear() {
  accounts_.clear();
  access_tokens_.clear();
  refresh_tokens_.clear();
  api_keys_.clear();
  spent_.clear();
  spent_order_.clear();
}

void Accounts::Spend(const std::string& token, const std::string& account_id) {
  if (token.empty() || !spent_.emplace(TokenKey(token), account_id).second) return;
  spent_order_.emplace_back(TokenKey(token));
  if (spent_order_.size() <= kSpentTokensMax) return;
  spent_.erase(spent_order_.front());
  spent_order_.pop_front();
}

void Accounts::Rotate(Account& account, long long now) {
  Forget(account);
  Spend(account.access_token, account.id);
  Spend(account.refresh_token, account.id);
  account.expires_at = now + account.expires_in_s;
  Claims claims{account.id, account.user_id, account.email, account.plan, now, account.expires_at};
  account.access_token = MakeAccessToken(claims);
  claims.expires_at = now + kIdTokenSeconds;
  account.id_token = MakeIdToken(claims);
  account.refresh_token = RandomId("rt_", 240);
  access_tokens_[std::string(TokenKey(account.access_token))] = &account;
  refresh_tokens_[account.refresh_token] = &account;
}

Accounts::TokenCheck Accounts::CheckAccessToken(std::string_view token, long long now) {
  const auto it = access_tokens_.find(TokenKey(token));
  if (it == access_tokens_.end() || it->second->access_token != token) {
    return {nullptr, spent_.find(TokenKey(token)) == spent_.end() ? "unauthorized" : "token_expired"};
  }
  if (it->second->expires_at <= now) return {it->second, "token_expired"};
  return {it->second, {}};
}

Account* Accounts::OwnerOfRefreshToken(std::string_view refresh_token) {
  const auto it = refresh_tokens_.find(refresh_token);
  return it == refresh_tokens_.end() ? nullptr : it->second;
}

Accounts::Refreshed Accounts::Refresh(std::string_view refresh_token, long long now) {
  Account* account = OwnerOfRefreshToken(refresh_token);
  if (account == nullptr) {
    const auto spent = spent_.find(TokenKey(refresh_token));
    if (spent == spent_.end()) return {nullptr, "invalid_grant"};
    if (Account* owner = Find(spent->second)) ++owner->reused_refresh_tokens;
    return {nullptr, "refresh_token_reused"};
  }
  Rotate(*account, now);
  ++account->refreshes;
  return {account, {}};
}

}  // namespace patchbay::sim
