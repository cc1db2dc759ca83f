#include "workers/frontend/engine/settlement.h"

#include "lib/time/proto_time.h"
#include "workers/frontend/call/token_count.h"

namespace patchbay::frontend {
namespace {

// Of text in most languages; an estimate has to be no better.
constexpr std::uint64_t kBytesPerToken = 4;

// Whether a call of which no usage was reported has used any, as far as we can tell. A provider that took it and failed
// before it said anything has most likely not worked on it.
bool MayHaveUsed(const AttemptFacts& facts, accounts::v1::Outcome outcome) {
  return facts.accepted && (outcome != accounts::v1::OUTCOME_FAILED || facts.first_output.has_value());
}

}  // namespace

accounts::v1::Settle SettlementOf(const CallSpec& spec, const AttemptFacts& facts, accounts::v1::Outcome outcome,
                                  SteadyTime now) {
  accounts::v1::Settle settle;
  settle.set_outcome(outcome);
  Used used = UsedBy(spec.call.payload, facts, outcome);
  *settle.mutable_usage() = std::move(used.usage);
  settle.set_usage_estimated(used.estimated);
  *settle.mutable_rate_limits() = facts.end.rate_limits();
  if (facts.failure) *settle.mutable_failure() = *facts.failure;
  settle.set_served_model(facts.end.served_model());
  settle.set_service_tier(facts.service_tier);
  SetTimestamp(facts.started_at, settle.mutable_started_at());
  if (facts.first_output) SetDuration(*facts.first_output, settle.mutable_first_output());
  SetDuration(std::chrono::duration_cast<std::chrono::milliseconds>(now - facts.started), settle.mutable_total());
  settle.set_client_key_id(spec.client_key_id);
  settle.set_model(spec.call.model);
  settle.set_dialect(spec.dialect);
  settle.set_uncounted(spec.opens_socket);
  return settle;
}

Used UsedBy(const Payload& payload, const AttemptFacts& facts, accounts::v1::Outcome outcome) {
  Used used;
  if (facts.end.has_usage()) {
    used.usage = facts.end.usage();
    return used;
  }
  if (!MayHaveUsed(facts, outcome)) return used;
  if (facts.relayed) {
    used.usage.set_input_tokens(payload.bytes->EstimateInputTokens());
    used.usage.set_output_tokens(payload.bytes->EstimateOutputTokens(facts.raw_bytes));
  } else {
    used.usage.set_input_tokens(EstimateTokens(*payload.canonical));
    used.usage.set_output_tokens(static_cast<std::int64_t>((facts.text_bytes + kBytesPerToken - 1) / kBytesPerToken));
  }
  // Side questions of clients are no model's work: of them the estimate is nothing.
  used.estimated = used.usage.input_tokens() > 0 || used.usage.output_tokens() > 0;
  return used;
}

}  // namespace patchbay::frontend
