// Between the contracts' messages and the pool's plain values. Every field once, nowhere else.
#pragma once

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/accounts/core/core.h"
#include "workers/accounts/service/convert_usage.h"

namespace patchbay::accounts {

// In: what frontends say. Who says it (frontend, epoch) the session knows.
CallWish ToWish(const v1::Acquire& acquire);
DeclaredLease ToDeclared(const v1::Redeclare::OpenLease& lease);
RetryArgs ToRetry(const v1::Retry& retry);
Settlement ToSettlement(const v1::Settle& settle);
FailureFacts ToFacts(const inference::v1::Failure& failure);

// Out.
v1::AccountState ToProto(AccountState state);
void WriteGranted(const Granted& granted, v1::Granted* out);
void WriteDenied(const Denied& denied, v1::Denied* out);
void WritePausedWay(const PausedWay& way, v1::PausedWay* out);
void WriteAccount(const AccountView& view, v1::Account* out);
// `provider` is null when the configuration has it no more.
void WriteLogin(const LoginView& view, const Provider* provider, v1::Login* out);
void WriteModels(const ModelBook& models, v1::ListModelsReply* out);
void WriteModel(const ListedModel& listed, v1::ModelInfo* out);

}  // namespace patchbay::accounts
