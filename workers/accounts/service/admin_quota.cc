// The operator's view of quota.
#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/service/admin_service.h"
#include "workers/accounts/service/convert.h"
#include "workers/accounts/service/convert_quota.h"

namespace patchbay::accounts {

void AdminService::RegisterQuota(rpc::Server& server) {
  using Service = v1::AccountAdmin::AsyncService;
  server.Unary(service_, &Service::RequestGetQuota,
               [this](rpc::CallInfo, v1::GetQuotaRequest request) { return GetQuota(std::move(request)); });
  server.Unary(service_, &Service::RequestListQuotaHistory, [this](rpc::CallInfo, v1::ListQuotaHistoryRequest request) {
    return ListQuotaHistory(std::move(request));
  });
  server.Unary(service_, &Service::RequestListResetCredits, [this](rpc::CallInfo, v1::ListResetCreditsRequest request) {
    return ListResetCredits(std::move(request));
  });
  server.Unary(
      service_, &Service::RequestRedeemResetCredit,
      [this](rpc::CallInfo, v1::RedeemResetCreditRequest request) { return RedeemResetCredit(std::move(request)); });
}

AdminService::Reply<v1::GetQuotaReply> AdminService::GetQuota(v1::GetQuotaRequest request) {
  v1::GetQuotaReply reply;
  if (!request.account().empty()) {
    CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
    WriteAccountQuota(admin_.View(ref), reply.add_accounts());
    co_return reply;
  }
  for (const AccountView& view : admin_.Accounts()) WriteAccountQuota(view, reply.add_accounts());
  for (const auto& outlook : core_.quotas().Outlooks()) WriteForecast(outlook, reply.add_pools());
  co_return reply;
}

AdminService::Reply<v1::ListQuotaHistoryReply> AdminService::ListQuotaHistory(v1::ListQuotaHistoryRequest request) {
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  std::optional<WallTime> since;
  if (request.has_since()) since = ToWallTime(request.since());
  CO_ASSIGN_OR_RETURN(const QuotaPoints points, co_await core_.quotas().History(ref, since));
  v1::ListQuotaHistoryReply reply;
  for (const QuotaPoint& point : points.points) WritePoint(point, reply.add_points());
  reply.set_cut(points.cut);
  co_return reply;
}

AdminService::Reply<v1::ListResetCreditsReply> AdminService::ListResetCredits(v1::ListResetCreditsRequest request) {
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  CO_ASSIGN_OR_RETURN(const ResetCredits credits, co_await core_.quotas().ListResetCredits(ref));
  v1::ListResetCreditsReply reply;
  for (const ResetCredit& credit : credits.credits) WriteResetCredit(credit, reply.add_credits());
  reply.set_available(credits.available);
  co_return reply;
}

AdminService::Reply<v1::RedeemResetCreditReply> AdminService::RedeemResetCredit(v1::RedeemResetCreditRequest request) {
  CO_RETURN_IF_ERROR(Writable());
  CO_ASSIGN_OR_RETURN(const AccountId ref, admin_.Resolve(request.account()));
  CO_ASSIGN_OR_RETURN(const Redemption done,
                      co_await core_.quotas().Redeem(ref, request.credit(), request.redeem_id()));
  v1::RedeemResetCreditReply reply;
  reply.set_outcome(done.outcome);
  reply.set_windows_reset(done.windows_reset);
  WriteAccount(admin_.View(ref), reply.mutable_account());
  co_return reply;
}

}  // namespace patchbay::accounts
