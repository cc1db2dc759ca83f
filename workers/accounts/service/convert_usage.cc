#include "workers/accounts/service/convert_usage.h"

#include <string_view>

#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"
#include "workers/accounts/pool/verdict.h"
#include "workers/accounts/service/convert.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// A failure's own text in rows: enough to recognise it.
constexpr std::size_t kMaxFailureBytes = 300;
constexpr std::size_t kMaxTierBytes = 32;

UsageBy ToUsageBy(v1::UsageBy by) {
  switch (by) {
    case v1::USAGE_BY_KEY: return UsageBy::kKey;
    case v1::USAGE_BY_ACCOUNT: return UsageBy::kAccount;
    case v1::USAGE_BY_PROVIDER: return UsageBy::kProvider;
    case v1::USAGE_BY_MODEL: return UsageBy::kModel;
    case v1::USAGE_BY_DAY: return UsageBy::kDay;
    case v1::USAGE_BY_HOUR: return UsageBy::kHour;
    default: return UsageBy::kAll;
  }
}

// What is kept of a failure. A client that left is no failure, whatever broke when it did.
std::string FailureOf(const v1::Settle& settle) {
  if (settle.outcome() == v1::OUTCOME_ABANDONED || !settle.has_failure()) return {};
  return Describe(ToFacts(settle.failure())).substr(0, kMaxFailureBytes);
}

// As rows have them: clients and providers have several words for the same.
std::string TierWord(std::string_view word) {
  if (word == "auto" || word == "default" || word == kStandardTier) return {};
  if (word == "fast") return "priority";
  return std::string(word.substr(0, kMaxTierBytes));
}

std::string_view TierWord(inference::v1::Tier served) {
  switch (served) {
    case inference::v1::TIER_STANDARD: return kStandardTier;
    case inference::v1::TIER_PRIORITY: return "priority";
    case inference::v1::TIER_FLEX: return "flex";
    case inference::v1::TIER_SCALE: return "scale";
    default: return {};  // it did not say
  }
}

// The beginning of the account's weekly window, as OCM reads it (ocm.md §9).
std::optional<WallTime> WeekOf(const inference::v1::RateLimits& limits) {
  for (const auto& window : limits.windows()) {
    const auto length = ToMilliseconds(window.length());
    if (window.name() != "secondary" || !window.has_resets_at() || length <= milliseconds(0)) continue;
    return ToWallTime(window.resets_at()) - length;
  }
  return std::nullopt;
}

}  // namespace

UsageRecord ToUsageRecord(const v1::Settle& settle) {
  UsageRecord record;
  record.lease = LeaseId(settle.lease_id());
  record.request = RequestId(settle.request_id());
  record.account = AccountId(settle.account());
  record.client_key = ClientKeyId(settle.client_key_id());
  record.model = settle.model();
  record.provider = settle.provider();
  record.wire_model = settle.wire_model();
  record.served_model = settle.served_model();
  record.service_tier = TierWord(settle.service_tier());
  record.served_tier = TierWord(settle.usage().tier());
  record.dialect = settle.dialect();
  record.outcome = settle.outcome();
  record.input_tokens = settle.usage().input_tokens();
  record.cached_input_tokens = settle.usage().cached_input_tokens();
  record.cache_write_tokens = settle.usage().cache_write_tokens();
  record.output_tokens = settle.usage().output_tokens();
  record.reasoning_tokens = settle.usage().reasoning_tokens();
  record.usage_estimated = settle.usage_estimated();
  record.week_started_at = WeekOf(settle.rate_limits());
  record.started_at = ToWallTime(settle.started_at());
  if (settle.has_first_output()) record.first_output = ToMilliseconds(settle.first_output());
  record.total = ToMilliseconds(settle.total());
  record.attempts = settle.attempts();
  record.outside_budgets = !settle.fallback_model().empty();
  record.failure = FailureOf(settle);
  return record;
}

static_assert(kOutcomeLost == v1::OUTCOME_LOST);

void WriteUsageRow(const UsageRecord& record, v1::UsageRow* out) {
  out->set_lease_id(record.lease.str());
  out->set_request_id(record.request.str());
  out->set_account(record.account.str());
  out->set_client_key_id(record.client_key.str());
  out->set_model(record.model);
  out->set_provider(record.provider);
  out->set_wire_model(record.wire_model);
  out->set_served_model(record.served_model);
  out->set_service_tier(record.service_tier);
  out->set_served_tier(record.served_tier);
  out->set_usage_estimated(record.usage_estimated);
  if (record.cost_nano_dollars) out->set_cost_nano_dollars(*record.cost_nano_dollars);
  out->set_subscription(record.subscription);
  out->set_dialect(record.dialect);
  out->set_outcome(static_cast<v1::Outcome>(record.outcome));
  auto* usage = out->mutable_usage();
  usage->set_input_tokens(record.input_tokens);
  usage->set_cached_input_tokens(record.cached_input_tokens);
  usage->set_cache_write_tokens(record.cache_write_tokens);
  usage->set_output_tokens(record.output_tokens);
  usage->set_reasoning_tokens(record.reasoning_tokens);
  SetTimestamp(record.started_at, out->mutable_started_at());
  if (record.first_output) SetDuration(*record.first_output, out->mutable_first_output());
  SetDuration(record.total, out->mutable_total());
  out->set_attempts(record.attempts);
  out->set_failure(record.failure);
}

void WriteUsageSum(const UsageSum& sum, v1::UsageSum* out) {
  out->set_requests(sum.requests);
  out->set_failed(sum.failed);
  out->set_abandoned(sum.abandoned);
  out->set_lost(sum.lost);
  out->set_estimated(sum.estimated);
  out->set_unpriced(sum.unpriced);
  auto* usage = out->mutable_usage();
  usage->set_input_tokens(sum.input_tokens);
  usage->set_cached_input_tokens(sum.cached_input_tokens);
  usage->set_cache_write_tokens(sum.cache_write_tokens);
  usage->set_output_tokens(sum.output_tokens);
  usage->set_reasoning_tokens(sum.reasoning_tokens);
  out->set_cost_nano_dollars(sum.cost_nano_dollars);
  out->set_subscription_nano_dollars(sum.subscription_nano_dollars);
  if (sum.requests > 0) SetDuration(milliseconds(sum.total_ms / sum.requests), out->mutable_total());
  if (sum.first_outputs > 0) {
    SetDuration(milliseconds(sum.first_output_ms / sum.first_outputs), out->mutable_first_output());
  }
}

UsageFilter ToFilter(const v1::UsageFilter& filter) {
  UsageFilter wanted{filter.client_key_id(), filter.account(), filter.provider(), filter.model(), {}, {}};
  if (filter.has_since()) wanted.since = ToWallTime(filter.since());
  if (filter.has_until()) wanted.until = ToWallTime(filter.until());
  return wanted;
}

UsageQuestion ToQuestion(const v1::GetUsageRequest& request) {
  UsageQuestion question;
  question.by = ToUsageBy(request.by());
  question.filter = ToFilter(request.filter());
  question.utc_offset = std::chrono::duration_cast<std::chrono::minutes>(ToMilliseconds(request.utc_offset()));
  question.limit = request.limit();
  return question;
}

void WriteUsageGroup(const UsageQuestion& question, const UsageGroup& group, v1::UsageGroup* out) {
  constexpr std::size_t kDayBytes = 10;
  out->set_of(group.of);
  if (question.by == UsageBy::kDay) out->set_of(Rfc3339(group.begins_at + question.utc_offset).substr(0, kDayBytes));
  if (question.by == UsageBy::kHour) out->set_of(Rfc3339(group.begins_at));
  if (question.by == UsageBy::kDay || question.by == UsageBy::kHour) {
    SetTimestamp(group.begins_at, out->mutable_begins_at());
  }
  WriteUsageSum(group.sum, out->mutable_sum());
}

}  // namespace patchbay::accounts
