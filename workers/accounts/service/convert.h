// Between the contracts' messages and the pool's plain values. Every field once, nowhere else.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/models/catalog.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

void Set(WallTime time, google::protobuf::Timestamp* out);
void Set(std::chrono::milliseconds span, google::protobuf::Duration* out);
WallTime ToWallTime(const google::protobuf::Timestamp& time);
std::chrono::milliseconds ToMilliseconds(const google::protobuf::Duration& span);

FailureFacts ToFacts(const inference::v1::Failure& failure);
QuotaFacts ToFacts(const inference::v1::RateLimits& limits);

void Set(const Granted& granted, v1::Granted* out);
void Set(const Denied& denied, v1::Denied* out);
void Set(const Explanation& explanation, v1::AccountExplanation* out);
v1::AccountState ToProto(State state);
void Set(const Model& model, v1::ModelInfo* out);

UsageRecord ToRecord(const v1::Settle& settle);
// The row of a call whose lease lapsed.
UsageRecord LostCall(const LeaseLapsed& lapsed, WallTime now);
void Set(const UsageRecord& record, v1::UsageRow* out);
void Set(const StoredClientKey& key, v1::ClientKey* out);
// `pooled` may be null.
void Set(const StoredAccount& stored, std::optional<WallTime> token_expires_at, const PoolAccount* pooled, int slots,
         WallTime now, v1::Account* out);

}  // namespace patchbay::accounts
