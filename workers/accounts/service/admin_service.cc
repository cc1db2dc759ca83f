#include "workers/accounts/service/admin_service.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/log/log.h"
#include "workers/accounts/import/import_document.h"
#include "workers/accounts/service/convert.h"

namespace patchbay::accounts {
namespace {

using Service = v1::AccountAdmin::AsyncService;

constexpr int kUsageRowsDefault = 100;
constexpr int kUsageRowsMax = 10'000;
constexpr std::chrono::milliseconds kToldPoll{2};
// A watcher that does not read for this long is not waited for: it gets the change when it reads.
constexpr std::chrono::milliseconds kToldMax{500};

}  // namespace

AdminService::AdminService(Core& core, const LeasingService& leasing, rpc::Server& server)
    : core_(core), leasing_(leasing) {
  server.Register(service_);
  server.Unary(service_, &Service::RequestListAccounts,
               [this](rpc::CallInfo, v1::ListAccountsRequest) { return ListAccounts(); });
  server.Unary(service_, &Service::RequestGetAccount,
               [this](rpc::CallInfo, v1::GetAccountRequest request) { return GetAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestAddAccount,
               [this](rpc::CallInfo, v1::AddAccountRequest request) { return AddAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestImportAccounts,
               [this](rpc::CallInfo, v1::ImportAccountsRequest request) { return ImportAccounts(std::move(request)); });
  server.Unary(service_, &Service::RequestUpdateAccount,
               [this](rpc::CallInfo, v1::UpdateAccountRequest request) { return UpdateAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestRemoveAccount,
               [this](rpc::CallInfo, v1::RemoveAccountRequest request) { return RemoveAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestRefreshAccount,
               [this](rpc::CallInfo, v1::RefreshAccountRequest request) { return RefreshAccount(std::move(request)); });
  server.Unary(service_, &Service::RequestExplain,
               [this](rpc::CallInfo, v1::ExplainRequest request) { return Explain(std::move(request)); });
  server.Unary(service_, &Service::RequestCreateClientKey, [this](rpc::CallInfo, v1::CreateClientKeyRequest request) {
    return CreateClientKey(std::move(request));
  });
  server.Unary(service_, &Service::RequestListClientKeys,
               [this](rpc::CallInfo, v1::ListClientKeysRequest request) { return ListClientKeys(std::move(request)); });
  server.Unary(service_, &Service::RequestRevokeClientKey, [this](rpc::CallInfo, v1::RevokeClientKeyRequest request) {
    return RevokeClientKey(std::move(request));
  });
  server.Unary(service_, &Service::RequestListUsage,
               [this](rpc::CallInfo, v1::ListUsageRequest request) { return ListUsage(std::move(request)); });
  server.Unary(service_, &Service::RequestGetPool, [this](rpc::CallInfo, v1::GetPoolRequest) { return GetPool(); });
}

Result<void> AdminService::Writable() const {
  if (draining_) return Error(ErrorCode::kUnavailable, "accounts is draining");
  return {};
}

void AdminService::Describe(const AccountId& ref, v1::Account* out) const {
  const StoredAccount* stored = core_.accounts().Find(ref);
  if (stored == nullptr) return;
  Set(*stored, core_.accounts().TokenExpiry(ref), core_.pool().Find(ref), core_.pool().settings().slots_per_account,
      core_.clock().Now(), out);
}

AdminService::Reply<v1::ListAccountsReply> AdminService::ListAccounts() {
  v1::ListAccountsReply reply;
  for (const StoredAccount* account : core_.accounts().All()) Describe(account->ref, reply.add_accounts());
  co_return reply;
}

AdminService::Reply<v1::GetAccountReply> AdminService::GetAccount(v1::GetAccountRequest request) {
  CO_ASSIGN_OR_RETURN(const AccountId ref, core_.accounts().Resolve(request.account()));
  v1::GetAccountReply reply;
  Describe(ref, reply.mutable_account());
  co_return reply;
}

Awaitable<std::vector<Result<Added>>> AdminService::AddAll(std::vector<NewAccount> accounts) {
  std::vector<Result<Added>> results = co_await core_.accounts().Add(std::move(accounts));
  for (Result<Added>& result : results) {
    if (!result.ok()) continue;
    const StoredAccount* stored = core_.accounts().Find(result->account);
    if (stored == nullptr || !stored->tokens.access.empty()) continue;
    // A refresh token alone: it says nothing of its account until it has been used.
    const AccountId ref = result->account;
    const Result<void> refreshed = co_await core_.refresher().RefreshNow(ref);
    if (!refreshed.ok()) {
      (void)co_await core_.accounts().Remove(ref);
      result = Error(refreshed.error().code, "the refresh token did not work: " + refreshed.error().message);
      continue;
    }
    result = co_await core_.accounts().MergeIfKnown(ref);
  }
  core_.Dispatch();
  co_return results;
}

AdminService::Reply<v1::AddAccountReply> AdminService::AddAccount(v1::AddAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  NewAccount account;
  account.provider = request.provider();
  account.label = request.label();
  account.tokens.access = Secret(std::move(*request.mutable_access_token()));
  account.tokens.refresh = Secret(std::move(*request.mutable_refresh_token()));
  account.tokens.id = Secret(std::move(*request.mutable_id_token()));
  account.provider_account_id = request.provider_account_id();
  std::vector<NewAccount> accounts;
  accounts.push_back(std::move(account));
  std::vector<Result<Added>> results = co_await AddAll(std::move(accounts));
  CO_ASSIGN_OR_RETURN(const Added added, std::move(results.front()));
  log::Info("account.added", {{"account", added.account}, {"created", added.created}});
  v1::AddAccountReply reply;
  Describe(added.account, reply.mutable_account());
  reply.set_created(added.created);
  co_return reply;
}

AdminService::Reply<v1::ImportAccountsReply> AdminService::ImportAccounts(v1::ImportAccountsRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(ImportDocument document, ReadImportDocument(request.document(), request.label()));
  std::vector<NewAccount> accounts;
  for (ImportItem& item : document.items) {
    if (!item.error.empty()) continue;
    NewAccount account;
    account.provider = "codex";
    account.label = std::move(item.label);
    account.tokens.access = std::move(item.access_token);
    account.tokens.refresh = std::move(item.refresh_token);
    account.tokens.id = std::move(item.id_token);
    account.provider_account_id = std::move(item.provider_account_id);
    accounts.push_back(std::move(account));
  }
  const std::vector<Result<Added>> results = co_await AddAll(std::move(accounts));
  v1::ImportAccountsReply reply;
  reply.set_format(document.format);
  std::size_t next = 0;
  int added = 0;
  for (const ImportItem& item : document.items) {
    auto* out = reply.add_items();
    if (!item.error.empty()) {
      out->set_error(item.error);
      continue;
    }
    const Result<Added>& result = results[next++];
    if (!result.ok()) {
      out->set_error(result.error().message);
      continue;
    }
    ++added;
    Describe(result->account, out->mutable_account());
    out->set_created(result->created);
  }
  log::Info("accounts.imported", {{"format", document.format}, {"items", document.items.size()}, {"added", added}});
  co_return reply;
}

AdminService::Reply<v1::UpdateAccountReply> AdminService::UpdateAccount(v1::UpdateAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, core_.accounts().Resolve(request.account()));
  std::optional<bool> enabled;
  std::optional<std::string> label;
  if (request.has_enabled()) enabled = request.enabled();
  if (request.has_label()) label = request.label();
  if (enabled || label) CO_RETURN_IF_ERROR(co_await core_.accounts().Update(ref, enabled, label));
  if (request.clear_marks()) core_.pool().ClearMarks(ref, core_.Now());
  core_.Dispatch();
  if (enabled) log::Warn("account.enabled", {{"account", ref}, {"enabled", *enabled}});
  v1::UpdateAccountReply reply;
  Describe(ref, reply.mutable_account());
  co_return reply;
}

AdminService::Reply<v1::RemoveAccountReply> AdminService::RemoveAccount(v1::RemoveAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, core_.accounts().Resolve(request.account()));
  CO_RETURN_IF_ERROR(co_await core_.accounts().Remove(ref));
  core_.Dispatch();
  log::Warn("account.removed", {{"account", ref}});
  v1::RemoveAccountReply reply;
  reply.set_ref(ref.str());
  co_return reply;
}

AdminService::Reply<v1::RefreshAccountReply> AdminService::RefreshAccount(v1::RefreshAccountRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, core_.accounts().Resolve(request.account()));
  CO_RETURN_IF_ERROR(co_await core_.refresher().RefreshNow(ref));
  v1::RefreshAccountReply reply;
  Describe(ref, reply.mutable_account());
  co_return reply;
}

AdminService::Reply<v1::ExplainReply> AdminService::Explain(v1::ExplainRequest request) {
  const auto route = core_.models().names().Resolve(request.model());
  if (!route) co_return Error(ErrorCode::kNotFound, "no provider serves a model of this name");
  v1::ExplainReply reply;
  const Moment now = core_.Now();
  for (const Explanation& explanation : core_.pool().ExplainAll(route->provider, route->wire_model, now)) {
    Set(explanation, reply.add_accounts());
  }
  const auto [chosen, reason] =
      core_.pool().WouldChoose(route->provider, route->wire_model, request.affinity_key(), now);
  reply.set_chosen(chosen.str());
  reply.set_reason(reason);
  co_return reply;
}

Awaitable<void> AdminService::WaitUntilTold(UpdateHub& hub, std::string key) {
  asio::steady_timer timer(core_.io());
  for (auto waited = kToldPoll; !hub.Told(key) && waited < kToldMax; waited += kToldPoll) {
    timer.expires_after(kToldPoll);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

AdminService::Reply<v1::CreateClientKeyReply> AdminService::CreateClientKey(v1::CreateClientKeyRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(NewClientKey made, co_await core_.keys().Create(request.name()));
  co_await WaitUntilTold(core_.keys().changes(), made.key.id.str());
  log::Info("client_key.created", {{"client_key", made.key.id}, {"name", made.key.name}});
  v1::CreateClientKeyReply reply;
  Set(made.key, reply.mutable_key());
  reply.set_secret(made.secret.Reveal());
  co_return reply;
}

AdminService::Reply<v1::ListClientKeysReply> AdminService::ListClientKeys(v1::ListClientKeysRequest request) {
  v1::ListClientKeysReply reply;
  for (const StoredClientKey& key : core_.keys().List(request.include_revoked())) Set(key, reply.add_keys());
  co_return reply;
}

AdminService::Reply<v1::RevokeClientKeyReply> AdminService::RevokeClientKey(v1::RevokeClientKeyRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const StoredClientKey key, co_await core_.keys().Revoke(request.key()));
  co_await WaitUntilTold(core_.keys().changes(), key.id.str());
  log::Warn("client_key.revoked", {{"client_key", key.id}, {"name", key.name}});
  v1::RevokeClientKeyReply reply;
  Set(key, reply.mutable_key());
  co_return reply;
}

AdminService::Reply<v1::ListUsageReply> AdminService::ListUsage(v1::ListUsageRequest request) {
  const int limit = request.limit() <= 0 ? kUsageRowsDefault : std::min(request.limit(), kUsageRowsMax);
  std::function<Result<UsagePage>(Store&)> read = [limit, id = request.request_id()](Store& store) {
    return store.ListUsage(limit, id);
  };
  CO_ASSIGN_OR_RETURN(const UsagePage page, co_await core_.storage().Run<UsagePage>(std::move(read)));
  v1::ListUsageReply reply;
  reply.set_total_rows(page.total_rows);
  for (const UsageRecord& record : page.rows) Set(record, reply.add_rows());
  co_return reply;
}

AdminService::Reply<v1::GetPoolReply> AdminService::GetPool() {
  v1::GetPoolReply reply;
  for (const PoolAccount* account : core_.pool().accounts()) {
    ++(*reply.mutable_accounts_by_state())[std::string(ToString(account->state()))];
  }
  reply.set_leases_open(static_cast<std::int32_t>(core_.pool().leases_open()));
  reply.set_queued(static_cast<std::int32_t>(core_.pool().queued()));
  reply.set_leases_granted_total(core_.granted_total());
  reply.set_settled_total(leasing_.settled_total());
  co_return reply;
}

}  // namespace patchbay::accounts
