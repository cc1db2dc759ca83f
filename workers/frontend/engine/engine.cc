#include "workers/frontend/engine/engine.h"

#include <algorithm>
#include <utility>

#include "workers/frontend/call/expected_tokens.h"
#include "workers/frontend/call/grant_edits.h"
#include "workers/frontend/call/sendable_name.h"
#include "workers/frontend/engine/denial.h"
#include "workers/frontend/engine/settlement.h"

namespace patchbay::frontend {
namespace {

using Ending = CallOutcome::Ending;
using std::chrono::milliseconds;

GrantTerms TermsOf(const accounts::v1::Granted& granted) {
  return {.model = granted.wire_model(),
          .reasoning_effort = granted.reasoning_effort(),
          .service_tier = granted.service_tier(),
          .without_sealed_reasoning = granted.without_sealed_reasoning(),
          .effort_fitted = granted.effort_fitted(),
          .provider_dialect = granted.dialect(),
          .relay = granted.relay(),
          .fallback = !granted.fallback_model().empty()};
}

accounts::v1::Acquire AcquireOf(const CallSpec& spec) {
  accounts::v1::Acquire acquire;
  acquire.set_request_id(spec.request_id);
  acquire.set_model(SendableName(spec.call.model));
  acquire.set_affinity_key(spec.affinity.key);
  acquire.set_client_key_id(spec.client_key_id);
  if (spec.call.needs.tools) acquire.add_capabilities(accounts::v1::CAPABILITY_TOOLS);
  if (spec.call.needs.vision) acquire.add_capabilities(accounts::v1::CAPABILITY_VISION);
  if (spec.call.needs.json_schema) acquire.add_capabilities(accounts::v1::CAPABILITY_JSON_SCHEMA);
  const Payload& payload = spec.call.payload;
  acquire.set_reasoning_effort(payload.effort());
  if (const auto budget = payload.thinking_budget()) acquire.set_thinking_budget_tokens(*budget);
  acquire.set_dialect(payload.bytes == nullptr ? spec.dialect : std::string(payload.bytes->dialect()));
  acquire.set_needs_relay(payload.needs_relay);
  acquire.set_pinned_account(spec.pinned_account);
  acquire.set_on_socket(spec.opens_socket || spec.on_socket);
  acquire.set_service_tier(payload.tier());
  acquire.set_source(spec.source);
  if (spec.counts_tokens) {
    const ExpectedTokens expected = ExpectedOf(payload);
    acquire.set_input_tokens(expected.input);
    acquire.set_max_output_tokens(expected.max_output);
  }
  return acquire;
}

}  // namespace

struct Engine::Running {
  CallSpec spec;
  ReplySink& sink;
  Cancellation& cancellation;
  async::TimeSource& time;
  const SteadyTime deadline;
  GrantEdits edits;
  std::optional<inference::v1::Failure> last_failure = std::nullopt;
  inference::v1::RateLimits last_limits = {};
  accounts::v1::Settle last_settlement = {};
  accounts::v1::AttemptNotes last_notes = {};
  CallOutcome outcome = {};

  void Refuse(Problem problem, bool committed = false) {
    outcome.ending = committed ? Ending::kBroken : Ending::kRefused;
    outcome.problem = std::move(problem);
  }
  // Somebody has cancelled the call.
  void Stop(bool committed) {
    if (cancellation.reason() == Cancellation::Reason::kClientGone) {
      outcome.ending = Ending::kClientGone;
    } else {
      Refuse(Problem(Problem::Kind::kTimeout, "the request took longer than it may"), committed);
    }
  }
  milliseconds max_wait() const {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - time.Steady());
    return std::clamp(left, milliseconds(0), spec.queue_wait);
  }
};

Awaitable<CallOutcome> Engine::Run(CallSpec spec, ReplySink& sink, std::shared_ptr<Cancellation> cancellation) {
  const SteadyTime deadline = time_.Steady() + spec.total_timeout;
  const auto timer = time_.At(deadline, [cancellation] { cancellation->Cancel(Cancellation::Reason::kDeadline); });
  GrantEdits edits(spec.call.payload);
  Running running{std::move(spec), sink, *cancellation, time_, deadline, std::move(edits)};

  std::optional<Result<LeaseAnswer>> answer;
  answer.emplace(co_await Acquire(running));
  while (true) {
    if (!answer->ok()) {
      cancellation->cancelled() ? running.Stop(false) : running.Refuse(ProblemOf(answer->error()));
      break;
    }
    if (const auto* denied = std::get_if<accounts::v1::Denied>(&answer->value())) {
      running.Refuse(ProblemOf(*denied, running.last_failure ? &*running.last_failure : nullptr));
      running.outcome.without_socket = denied->without_socket();
      break;
    }
    auto failed = co_await Try(running, std::move(std::get<Lease>(answer->value())));
    if (!failed) break;
    answer.emplace(co_await Retry(running, std::move(*failed)));
  }
  co_return std::move(running.outcome);
}

Awaitable<Result<LeaseAnswer>> Engine::Acquire(Running& running) {
  co_return co_await leaser_.Acquire(AcquireOf(running.spec), running.max_wait(), running.cancellation);
}

Awaitable<Result<LeaseAnswer>> Engine::Retry(Running& running, Lease lease) {
  accounts::v1::Retry retry;
  *retry.mutable_failure() = *running.last_failure;
  *retry.mutable_rate_limits() = running.last_limits;
  *retry.mutable_notes() = running.last_notes;
  co_return co_await leaser_.Retry(std::move(lease), std::move(retry), std::move(running.last_settlement),
                                   running.max_wait(), running.cancellation);
}

Awaitable<std::optional<Lease>> Engine::Try(Running& running, Lease lease) {
  CallOutcome& outcome = running.outcome;
  ++outcome.attempts;
  outcome.account_label = lease.granted().account_label();
  outcome.provider = lease.granted().provider();
  outcome.fallback_model = lease.granted().fallback_model();
  CallSpec& spec = running.spec;
  Result<CallRoute> route = running.edits.Apply(TermsOf(lease.granted()), spec.affinity, spec.call.payload);
  if (!route.ok()) {
    running.Refuse(ProblemOf(route.error()));
    co_return std::nullopt;  // the lease settles itself as abandoned
  }

  Attempt attempt(time_, spec, running.sink, lease.granted(), std::move(*route), running.deadline);
  co_await attempt.Run(caller_, running.cancellation);
  const AttemptFacts& facts = attempt.facts();
  outcome.first_output = facts.first_output;
  outcome.rate_limits = facts.end.rate_limits();

  const auto settlement_of = [&](accounts::v1::Outcome how) {
    accounts::v1::Settle settlement = SettlementOf(running.spec, facts, how, time_.Steady());
    settlement.set_attempts(outcome.attempts);
    *settlement.mutable_notes() = attempt.Notes();
    return settlement;
  };
  const auto settle = [&](accounts::v1::Outcome how) {
    accounts::v1::Settle settlement = settlement_of(how);
    outcome.usage = settlement.usage();
    outcome.usage_estimated = settlement.usage_estimated();
    std::move(lease).Settle(std::move(settlement));
  };
  if (facts.finished) {
    settle(accounts::v1::OUTCOME_SUCCEEDED);
    outcome.ending = Ending::kCompleted;
    co_return std::nullopt;
  }
  if (running.cancellation.cancelled()) {
    const bool gone = running.cancellation.reason() == Cancellation::Reason::kClientGone;
    settle(gone ? accounts::v1::OUTCOME_ABANDONED : accounts::v1::OUTCOME_FAILED);
    running.Stop(facts.committed);
    co_return std::nullopt;
  }
  if (facts.committed || outcome.attempts >= kMaxAttempts) {
    settle(accounts::v1::OUTCOME_FAILED);
    running.Refuse(ProblemOf(*facts.failure), facts.committed);
    co_return std::nullopt;
  }
  running.last_failure = facts.failure;
  running.last_limits = facts.end.rate_limits();
  running.last_settlement = settlement_of(accounts::v1::OUTCOME_FAILED);
  running.last_notes = attempt.Notes();
  co_return std::move(lease);
}

}  // namespace patchbay::frontend
