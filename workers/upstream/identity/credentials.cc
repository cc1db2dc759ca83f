#include "workers/upstream/identity/credentials.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"

namespace patchbay::upstream {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kFirstRetry{20};
constexpr std::chrono::milliseconds kMaxRetry{1000};
constexpr std::size_t kLoginDigits = 32;  // of a hash: enough that no two logins meet

}  // namespace

std::shared_ptr<const Credential> CallersCredential(const Credential& granted, const v1::CallerLogin& login) {
  if (login.access_token().empty()) return nullptr;
  auto credential = std::make_shared<Credential>(granted);
  const std::string identity = login.provider_account_id() + " " + login.access_token();
  credential->account = granted.account + "/" + HexEncode(Sha256(identity)).substr(0, kLoginDigits);
  credential->access_token = Secret(login.access_token());
  credential->provider_account_id = login.provider_account_id();
  credential->fedramp = login.fedramp();
  credential->passes = true;
  return credential;
}

void CredentialCache::BeginSync() { named_.clear(); }

void CredentialCache::Apply(accounts::v1::CredentialUpdate update) {
  if (update.has_synced()) {
    std::erase_if(credentials_, [&](const auto& entry) { return named_.count(entry.first) == 0; });
    named_.clear();
    synced_ = true;
    return;
  }
  if (update.has_removed()) {
    credentials_.erase(update.removed());
    return;
  }
  accounts::v1::Credential& given = *update.mutable_upsert();
  auto credential = std::make_shared<Credential>();
  credential->account = given.account();
  credential->provider = given.provider();
  credential->version = given.version();
  credential->access_token = Secret(std::move(*given.mutable_access_token()));
  credential->provider_account_id = given.provider_account_id();
  credential->fedramp = given.fedramp();
  credential->egress = given.egress();
  named_.insert(credential->account);
  for (Waiter& waiter : waiters_) {
    if (waiter.account == credential->account) waiter.timer.cancel();
  }
  credentials_[credential->account] = std::move(credential);
}

std::shared_ptr<const Credential> CredentialCache::Find(const std::string& account, std::int64_t version) const {
  const auto found = credentials_.find(account);
  return found != credentials_.end() && found->second->version >= version ? found->second : nullptr;
}

Awaitable<std::shared_ptr<const Credential>> CredentialCache::Wait(std::string account, std::int64_t version,
                                                                   std::chrono::milliseconds timeout) {
  std::shared_ptr<const Credential> credential = Find(account, version);
  if (credential) co_return credential;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto self = waiters_.insert(waiters_.end(), Waiter{account, asio::steady_timer(executor_)});
  while (!credential && std::chrono::steady_clock::now() < deadline) {
    self->timer.expires_at(deadline);
    co_await self->timer.async_wait(kAwait);
    credential = Find(account, version);
  }
  waiters_.erase(self);
  co_return credential;
}

Awaitable<void> WatchCredentials(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts,
                                 CredentialCache& cache) {
  const auto stub = accounts::v1::Credentials::NewStub(accounts);
  const accounts::v1::WatchCredentialsRequest request;
  asio::steady_timer pause(reactor.io());
  std::chrono::milliseconds retry = kFirstRetry;
  while (true) {
    auto updates = co_await rpc::ServerStreamReader<accounts::v1::CredentialUpdate>::Open(
        reactor, [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    cache.BeginSync();
    accounts::v1::CredentialUpdate update;
    while (co_await updates->Receive(update)) {
      if (update.has_synced()) {
        retry = kFirstRetry;
        cache.Apply(std::move(update));
        log::Info("credentials.synced", {{"accounts", cache.size()}});
      } else {
        cache.Apply(std::move(update));
      }
      update.Clear();
    }
    const Result<void> ended = co_await updates->Finish();
    log::Debug("credentials.watch_ended", {{"reason", ended.ok() ? "closed" : ended.error().message}});
    pause.expires_after(retry);
    co_await pause.async_wait(kAwait);
    retry = std::min(retry * 2, kMaxRetry);
  }
}

}  // namespace patchbay::upstream
