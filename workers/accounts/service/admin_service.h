// accounts.v1.AccountAdmin: the operator's view.
#pragma once

#include "lib/rpc/server.h"
#include "patchbay/accounts/v1/account_admin.grpc.pb.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

class AdminService {
 public:
  AdminService(Core& core, rpc::Server& server);
  // Nothing new is changed from here on.
  void Drain();

 private:
  template <class T>
  using Reply = Awaitable<Result<T>>;

  Reply<v1::ListAccountsReply> ListAccounts();
  Reply<v1::GetAccountReply> GetAccount(v1::GetAccountRequest request);
  Reply<v1::AddAccountReply> AddAccount(v1::AddAccountRequest request);
  Reply<v1::ImportAccountsReply> ImportAccounts(v1::ImportAccountsRequest request);
  Reply<v1::ExportAccountsReply> ExportAccounts(v1::ExportAccountsRequest request);
  Reply<v1::ImportAccountsReply> ShareLogin(v1::ImportAccountsRequest request);
  Reply<v1::UpdateAccountReply> UpdateAccount(v1::UpdateAccountRequest request);
  Reply<v1::RemoveAccountReply> RemoveAccount(v1::RemoveAccountRequest request);
  Reply<v1::RefreshAccountReply> RefreshAccount(v1::RefreshAccountRequest request);
  Reply<v1::BeginLoginReply> BeginLogin(v1::BeginLoginRequest request);
  Reply<v1::CompleteLoginReply> CompleteLogin(v1::CompleteLoginRequest request);
  Reply<v1::WatchLoginReply> WatchLogin(v1::WatchLoginRequest request);
  Reply<v1::RecheckAccountReply> RecheckAccount(v1::RecheckAccountRequest request);
  Reply<v1::ClearAccountReply> ClearAccount(v1::ClearAccountRequest request);
  Reply<v1::ExplainReply> Explain(v1::ExplainRequest request);
  Reply<v1::GetTracesReply> GetTraces(v1::GetTracesRequest request);
  Reply<v1::TryVerdictReply> TryVerdict(v1::TryVerdictRequest request);
  // admin_quota.cc
  void RegisterQuota(rpc::Server& server);
  Reply<v1::GetQuotaReply> GetQuota(v1::GetQuotaRequest request);
  Reply<v1::ListQuotaHistoryReply> ListQuotaHistory(v1::ListQuotaHistoryRequest request);
  Reply<v1::ListResetCreditsReply> ListResetCredits(v1::ListResetCreditsRequest request);
  Reply<v1::RedeemResetCreditReply> RedeemResetCredit(v1::RedeemResetCreditRequest request);
  // admin_keys.cc
  void RegisterKeys(rpc::Server& server);
  Reply<v1::CreateClientKeyReply> CreateClientKey(v1::CreateClientKeyRequest request);
  Reply<v1::UpdateClientKeyReply> UpdateClientKey(v1::UpdateClientKeyRequest request);
  Reply<v1::RotateClientKeyReply> RotateClientKey(v1::RotateClientKeyRequest request);
  Reply<v1::ListClientKeysReply> ListClientKeys(v1::ListClientKeysRequest request);
  Reply<v1::RevokeClientKeyReply> RevokeClientKey(v1::RevokeClientKeyRequest request);
  Reply<v1::ListUsageReply> ListUsage(v1::ListUsageRequest request);
  Reply<v1::GetUsageReply> GetUsage(v1::GetUsageRequest request);
  Reply<v1::GetPoolReply> GetPool();

  Result<void> Writable() const;
  Result<void> Show(const LoginId& login, v1::Login* out) const;

  Core& core_;
  Administration& admin_;
  v1::AccountAdmin::AsyncService service_;
  bool draining_ = false;
};

}  // namespace patchbay::accounts
