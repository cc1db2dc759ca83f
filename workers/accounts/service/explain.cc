#include "workers/accounts/service/explain.h"

#include <utility>

#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"
#include "workers/accounts/service/convert.h"

namespace patchbay::accounts {
namespace {

std::string NameOfOutcome(v1::Outcome outcome) {
  constexpr std::string_view kOutcomePrefix = "OUTCOME_";
  const std::string& name = v1::Outcome_Name(outcome);
  return name.empty() ? name : LowerCase(std::string_view(name).substr(kOutcomePrefix.size()));
}

// As accounts::Explain says it, with what was believed at that moment.
std::string ReasonOf(const Weighed& weighed, const PoolAccount& account, int slots, const std::string& wire_model) {
  switch (weighed.block) {
    case Block::kNone: {
      std::string reason = "eligible";
      if (weighed.slower > 0) reason += SlownessText(weighed.slower);
      if (weighed.held) reason += ", last choice: overloaded where others serve";
      return reason;
    }
    case Block::kReserved: return Explain(account, weighed.block, slots, wire_model) + " (" + weighed.evidence + ")";
    case Block::kLimit: {
      std::string reason = "its limit for " + wire_model + " is used up";
      if (weighed.until) reason += " until " + Rfc3339(*weighed.until);
      return reason + " (" + weighed.evidence + ")";
    }
    case Block::kExhausted:
    case Block::kThrottled:
    case Block::kBanned:
    case Block::kExpired: {
      std::string reason = weighed.block == Block::kExhausted   ? "exhausted"
                           : weighed.block == Block::kThrottled ? "throttled"
                           : weighed.block == Block::kBanned    ? "banned"
                                                                : "needs a login or key";
      if (weighed.until) reason += " until " + Rfc3339(*weighed.until);
      if (!weighed.evidence.empty()) reason += " (" + weighed.evidence + ")";
      return reason;
    }
    default: return Explain(account, weighed.block, slots, wire_model);
  }
}

void WriteChoice(const Granted& granted, v1::TracedChoice* out) {
  out->set_attempt(granted.attempt);
  out->set_account(granted.account.str());
  out->set_label(granted.label);
  out->set_provider(granted.provider);
  out->set_wire_model(granted.wire_model);
  out->set_reason(granted.reason);
  out->set_without_sealed_reasoning(granted.without_sealed_reasoning);
  if (!granted.terms) return;
  out->set_dialect(granted.terms->dialect);
  out->set_relay(granted.terms->relay);
  out->set_reasoning_effort(granted.terms->effort);
  out->set_service_tier(granted.terms->service_tier);
  out->set_effort_fitted(granted.terms->effort_fitted);
  const std::string& fallback = granted.terms->fallback_model;
  if (!fallback.empty()) out->set_reason(granted.reason + " (as " + fallback + ": the client key's budget is used up)");
}

// Those among which the grant behind it was chosen.
void WriteConsidered(const Considered& considered, const std::string& wire_model, const Core& core,
                     v1::TracedChoice* out) {
  out->set_accounts_total(static_cast<std::int32_t>(considered.accounts_total));
  for (const Weighed& weighed : considered.accounts) {
    v1::TracedAccount& account = *out->add_accounts();
    account.set_place(weighed.place);
    account.set_eligible(weighed.block == Block::kNone);
    if (weighed.until) SetTimestamp(*weighed.until, account.mutable_until());
    const PoolAccount* known = core.pool().FindByOrder(weighed.order);
    if (known == nullptr) {
      account.set_reason("it has been removed since");
      continue;
    }
    account.set_account(known->facts.id.str());
    account.set_label(known->facts.label);
    account.set_reason(ReasonOf(weighed, *known, core.pool().settings().slots_per_account, wire_model));
  }
}

void WriteEnd(const TracedEnd& end, v1::TracedEnd* out) {
  out->set_outcome(end.outcome);
  out->set_failure(end.failure);
  out->set_served_model(end.served_model);
  if (end.first_output) SetDuration(*end.first_output, out->mutable_first_output());
  if (end.total) SetDuration(*end.total, out->mutable_total());
  out->mutable_notes()->mutable_ignored()->Assign(end.notes.ignored.begin(), end.notes.ignored.end());
  out->mutable_notes()->mutable_repaired()->Assign(end.notes.repaired.begin(), end.notes.repaired.end());
  if (end.notes.head) SetDuration(*end.notes.head, out->mutable_notes()->mutable_head());
}

void WriteVerdict(const Judged& judged, v1::TracedVerdict* out) {
  out->set_account(judged.account.str());
  out->set_failure(judged.failure);
  out->set_rule(std::string(judged.rule));
  out->set_fault(std::string(ToString(judged.fault)));
  out->set_effect(std::string(ToString(judged.effect)));
  out->set_evidence(std::string(ToString(judged.evidence)));
}

void WriteDenial(const Denied& denied, v1::TracedDenial* out) {
  v1::Denied told;
  WriteDenied(denied, &told);
  out->set_reason(told.reason());
  out->set_message(denied.message);
  out->set_accounts(denied.summary);
  if (denied.available_at) SetTimestamp(*denied.available_at, out->mutable_available_at());
  for (const Explanation& explanation : denied.accounts) {
    v1::TracedAccount& account = *out->add_explained();
    account.set_account(explanation.account.str());
    account.set_label(explanation.label);
    account.set_eligible(explanation.eligible);
    account.set_reason(explanation.reason);
    if (explanation.until) SetTimestamp(*explanation.until, account.mutable_until());
  }
}

}  // namespace

AttemptNotes ToNotes(const v1::AttemptNotes& notes) {
  AttemptNotes out;
  out.ignored.assign(notes.ignored().begin(), notes.ignored().end());
  out.repaired.assign(notes.repaired().begin(), notes.repaired().end());
  if (notes.has_head()) out.head = ToMilliseconds(notes.head());
  return out;
}

TracedEnd ToEnd(const v1::Settle& settle) {
  TracedEnd end;
  end.outcome = NameOfOutcome(settle.outcome());
  end.served_model = settle.served_model();
  if (settle.has_first_output()) end.first_output = ToMilliseconds(settle.first_output());
  if (settle.has_total()) end.total = ToMilliseconds(settle.total());
  end.notes = ToNotes(settle.notes());
  return end;
}

void WriteExplanation(const Candidate& candidate, int slots, v1::AccountExplanation* out) {
  out->set_account(candidate.account.str());
  out->set_label(candidate.label);
  out->set_eligible(candidate.eligible);
  out->set_reason(candidate.reason);
  if (candidate.until) SetTimestamp(*candidate.until, out->mutable_until());
  out->set_provider(candidate.provider);
  out->set_wire_model(candidate.wire_model);
  out->set_place(candidate.place);
  out->set_score(candidate.score);
  out->set_home(candidate.home);
  out->set_leases_open(candidate.leases_open);
  out->set_slots(slots);
  out->set_priority(candidate.priority);
  out->set_weight(candidate.weight);
  SetTimestamp(candidate.since, out->mutable_since());
  if (candidate.held_until) SetTimestamp(*candidate.held_until, out->mutable_held_until());
}

void WriteTrace(const Trace& trace, const Core& core, v1::RequestTrace* out) {
  out->set_request_id(trace.request.str());
  const StoredClientKey* key = core.keys().Find(trace.client_key.str());
  out->set_client_key(key == nullptr || key->name.empty() ? trace.client_key.str() : key->name);
  out->set_dialect(trace.dialect);
  out->set_model(trace.model);
  out->set_affinity_key(trace.affinity_key);
  SetTimestamp(trace.asked_at, out->mutable_asked_at());
  out->set_frontend(trace.frontend.str());
  out->set_steps_left_out(static_cast<std::int32_t>(trace.steps_left_out));
  const Considered* considered = nullptr;  // it belongs to the grant behind it
  for (const TraceStep& step : trace.steps) {
    if (const auto* those = std::get_if<Considered>(&step.what)) {
      considered = those;
      continue;
    }
    v1::TraceStep& told = *out->add_steps();
    SetDuration(step.after, told.mutable_after());
    if (const auto* granted = std::get_if<Granted>(&step.what)) {
      WriteChoice(*granted, told.mutable_choice());
      if (considered != nullptr) WriteConsidered(*considered, granted->wire_model, core, told.mutable_choice());
    } else if (const auto* judged = std::get_if<Judged>(&step.what)) {
      WriteVerdict(*judged, told.mutable_verdict());
    } else if (const auto* end = std::get_if<TracedEnd>(&step.what)) {
      WriteEnd(*end, told.mutable_end());
    } else if (const auto* denied = std::get_if<Denied>(&step.what)) {
      WriteDenial(*denied, told.mutable_denial());
    }
    considered = nullptr;
  }
}

}  // namespace patchbay::accounts
