#include "workers/frontend/engine/engine.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "workers/frontend/call/grant_edits.h"
#include "workers/frontend/engine/denial.h"

namespace patchbay::frontend {
namespace {

using std::chrono::milliseconds;

template <class Proto>
void SetDuration(milliseconds value, Proto* out) {
  out->set_seconds(value.count() / 1000);
  out->set_nanos(static_cast<std::int32_t>(value.count() % 1000 * 1'000'000));
}

// The provider's word for reasoning (or a compaction) that it cannot open.
constexpr std::string_view kCannotUnseal = "invalid_encrypted_content";

GrantTerms TermsOf(const accounts::v1::Granted& granted) {
  return {.model = granted.wire_model(),
          .reasoning_effort = granted.reasoning_effort(),
          .service_tier = granted.service_tier(),
          .without_sealed_reasoning = granted.without_sealed_reasoning()};
}

milliseconds Between(SteadyTime from, SteadyTime to) { return std::chrono::duration_cast<milliseconds>(to - from); }

inference::v1::Failure LocalFailure(inference::v1::FailureStage stage, std::string message) {
  inference::v1::Failure failure;
  failure.set_stage(stage);
  failure.set_message(std::move(message));
  return failure;
}

}  // namespace

// One try under one lease. Shared, because a timer may look at it.
struct Engine::Attempt {
  Attempt(asio::io_context& io, ReplySink& reply_sink, accounts::v1::Granted grant, const Clock& c, SteadyTime end_by)
      : sink(reply_sink),
        granted(std::move(grant)),
        clock(c),
        deadline(end_by),
        quiet(io),
        started(c.Steady()),
        started_at(c.Now()) {}

  void Commit() {
    if (committed || over) return;
    committed = true;
    sink.Commit();
  }
  void Output() {
    if (!first_output) first_output = Between(started, clock.Steady());
  }

  ReplySink& sink;
  const accounts::v1::Granted granted;
  const Clock& clock;
  const SteadyTime deadline;  // of the whole request
  asio::steady_timer quiet;
  const SteadyTime started;
  const WallTime started_at;
  bool committed = false;
  bool finished = false;  // the answer came to its end
  bool over = false;      // the timer must not touch anything any more
  std::optional<milliseconds> first_output;
  std::optional<inference::v1::Failure> failure;
  upstream::v1::End end;
};

Awaitable<CallOutcome> Engine::Run(CallSpec spec, ReplySink& sink, std::shared_ptr<Cancellation> cancellation) {
  const SteadyTime deadline = clock_.Steady() + spec.total_timeout;
  asio::steady_timer deadline_timer(io_, spec.total_timeout);
  deadline_timer.async_wait([cancellation](boost::system::error_code error) {
    if (!error) cancellation->Cancel(Cancellation::Reason::kDeadline);
  });
  const auto max_wait = [&] {
    return std::clamp(Between(clock_.Steady(), deadline), milliseconds(0), spec.queue_wait);
  };

  CallOutcome outcome;
  const auto refuse = [&](Problem problem) {
    outcome.ending = CallOutcome::Ending::kRefused;
    outcome.problem = std::move(problem);
  };
  const auto stopped = [&](bool committed) {
    if (cancellation->reason() == Cancellation::Reason::kClientGone) {
      outcome.ending = CallOutcome::Ending::kClientGone;
      return;
    }
    refuse(Problem(Problem::Kind::kTimeout, "the request took longer than it may"));
    if (committed) outcome.ending = CallOutcome::Ending::kBroken;
  };

  accounts::v1::Acquire acquire;
  acquire.set_request_id(spec.request_id);
  acquire.set_model(spec.model);
  acquire.set_affinity_key(spec.affinity_key);
  acquire.set_client_key_id(spec.client_key_id);
  for (const auto capability : spec.capabilities) acquire.add_capabilities(capability);
  if (const auto* request = std::get_if<inference::v1::GenerateRequest>(&spec.payload)) {
    acquire.set_reasoning_effort(request->reasoning().effort());
  }
  acquire.set_pinned_account(spec.pinned_account);
  acquire.set_opens_socket(spec.opens_socket);

  GrantEdits edits(spec.model);
  std::optional<inference::v1::Failure> last_failure;
  std::optional<Result<LeaseAnswer>> answer;
  answer.emplace(co_await leaser_.Acquire(std::move(acquire), max_wait(), *cancellation));
  for (int attempts = 1;; ++attempts) {
    if (!answer->ok()) {
      cancellation->cancelled() ? stopped(false) : refuse(ProblemOf(answer->error()));
      co_return outcome;
    }
    if (const auto* denied = std::get_if<accounts::v1::Denied>(&answer->value())) {
      refuse(ProblemOf(*denied, last_failure ? &*last_failure : nullptr));
      co_return outcome;
    }
    Lease lease = std::move(std::get<Lease>(answer->value()));
    outcome.attempts = attempts;
    outcome.account_label = lease.granted().account_label();

    auto attempt = std::make_shared<Attempt>(io_, sink, lease.granted(), clock_, deadline);
    if (auto edited = edits.Apply(TermsOf(lease.granted()), spec.payload); !edited.ok()) {
      refuse(ProblemOf(edited.error()));
      co_return outcome;  // the lease settles itself as abandoned
    } else if (*edited) {
      sink.Repaired("sealed_reasoning");
    }
    sink.BeginAttempt(lease.granted());
    co_await RunAttempt(spec, attempt, *cancellation);
    const bool sealed =
        !attempt->finished && !attempt->committed && attempt->failure && attempt->failure->code() == kCannotUnseal;
    if (sealed && !cancellation->cancelled() && DropSealedReasoning(spec.payload)) {
      sink.Repaired("sealed_reasoning");
      attempt = std::make_shared<Attempt>(io_, sink, lease.granted(), clock_, deadline);
      sink.BeginAttempt(lease.granted());
      co_await RunAttempt(spec, attempt, *cancellation);
    }
    outcome.first_output = attempt->first_output;
    outcome.usage = attempt->end.usage();

    const auto settle = [&](accounts::v1::Outcome how) {
      auto settlement = SettlementOf(spec, *attempt, how);
      settlement.set_attempts(attempts);
      std::move(lease).Settle(std::move(settlement));
    };
    if (attempt->finished) {
      settle(accounts::v1::OUTCOME_SUCCEEDED);
      outcome.ending = CallOutcome::Ending::kCompleted;
      co_return outcome;
    }
    if (cancellation->cancelled()) {
      const bool gone = cancellation->reason() == Cancellation::Reason::kClientGone;
      settle(gone ? accounts::v1::OUTCOME_ABANDONED : accounts::v1::OUTCOME_FAILED);
      stopped(attempt->committed);
      co_return outcome;
    }
    if (attempt->committed || attempts >= kMaxAttempts) {
      settle(accounts::v1::OUTCOME_FAILED);
      refuse(ProblemOf(*attempt->failure));
      if (attempt->committed) outcome.ending = CallOutcome::Ending::kBroken;
      co_return outcome;
    }
    last_failure = attempt->failure;
    accounts::v1::Retry retry;
    *retry.mutable_failure() = *attempt->failure;
    *retry.mutable_rate_limits() = attempt->end.rate_limits();
    answer.emplace(co_await leaser_.Retry(std::move(lease), std::move(retry), max_wait(), *cancellation));
  }
}

Awaitable<void> Engine::RunAttempt(CallSpec& spec, std::shared_ptr<Attempt> attempt, Cancellation& cancellation) {
  const std::unique_ptr<CallStream> stream = co_await caller_.Open();
  {
    const Cancellation::Hook hook(cancellation, [&] { stream->Cancel(); });
    // A request that could not be sent whole may still have been answered: why is in the reply.
    co_await SendRequest(spec, *attempt, *stream);
    co_await ReadReply(spec, attempt, *stream, cancellation);
  }
  attempt->over = true;
  attempt->quiet.cancel();
  if (!attempt->finished && !attempt->failure) {
    attempt->failure = LocalFailure(inference::v1::FAILURE_STAGE_GATEWAY, "");
  }
}

Awaitable<bool> Engine::SendRequest(CallSpec& spec, Attempt& attempt, CallStream& stream) {
  upstream::v1::CallRequest message;
  auto& open = *message.mutable_open();
  open.set_request_id(spec.request_id);
  open.set_lease_id(attempt.granted.lease_id());
  open.set_account(attempt.granted.account());
  open.set_provider(attempt.granted.provider());
  open.set_egress(attempt.granted.egress());
  open.set_credential_version(attempt.granted.credential_version());
  SetDuration(std::max(Between(clock_.Steady(), attempt.deadline), milliseconds(1)), open.mutable_total_timeout());
  open.set_session_id(spec.session_id);
  open.set_traceparent(spec.traceparent);
  for (const auto& [name, value] : spec.forwarded_headers) {
    auto& header = *open.add_forwarded_headers();
    header.set_name(name);
    header.set_value(value);
  }
  if (auto* request = std::get_if<inference::v1::GenerateRequest>(&spec.payload)) {
    // Lent, not copied: a retry needs it again.
    open.mutable_canonical()->Swap(request);
    const bool sent = co_await stream.SendLast(message);
    open.mutable_canonical()->Swap(request);
    co_return sent;
  }
  const auto& raw = std::get<RawRequest>(spec.payload);
  open.mutable_raw()->set_dialect(std::string(raw.dialect->name()));
  open.mutable_raw()->set_total_bytes(raw.body.size());
  open.mutable_raw()->set_begin(raw.body.substr(0, kChunkBytes));
  for (std::size_t at = kChunkBytes; at < raw.body.size(); at += kChunkBytes) {
    const bool sent = co_await stream.Send(message);
    if (!sent) co_return false;
    message.set_chunk(raw.body.substr(at, kChunkBytes));
  }
  const bool sent = co_await stream.SendLast(message);
  co_return sent;
}

Awaitable<void> Engine::ReadReply(CallSpec& spec, std::shared_ptr<Attempt> attempt, CallStream& stream,
                                  Cancellation& cancellation) {
  upstream::v1::CallReply reply;
  while (co_await stream.Receive(reply)) {
    const bool ended = reply.has_end();
    const Result<bool> output = TakeReply(spec, attempt, reply);
    if (!output.ok()) {
      // What the encoders refuse is a broken stream, whoever broke it.
      attempt->failure = LocalFailure(inference::v1::FAILURE_STAGE_STREAM, output.error().message);
      stream.Cancel();
      co_return;
    }
    if (*output) attempt->Output();
    // With the end at hand the rest leaves in one piece, or, when it is a failure and nothing has left yet, not at all.
    if (ended) {
      stream.Leave();
      co_return;
    }
    if (*output) attempt->Commit();
    if (!attempt->committed) continue;
    const bool client_is_there = co_await attempt->sink.Flush();
    if (client_is_there) continue;
    cancellation.Cancel(Cancellation::Reason::kClientGone);
    co_return;
  }
  // Collects the status, so that the call is over on both sides. Its words are not the client's business.
  co_await stream.Finish();
}

// One message of the provider's answer. The value: whether it carried output.
Result<bool> Engine::TakeReply(const CallSpec& spec, const std::shared_ptr<Attempt>& attempt,
                               upstream::v1::CallReply& reply) {
  const bool raw = std::holds_alternative<RawRequest>(spec.payload);
  ReplySink& sink = attempt->sink;
  bool output = false;
  if (reply.has_head() && reply.head().status() / 100 == 2) {  // of others, End tells the rest
    sink.TakeHead(reply.head());
    if (!reply.has_end()) CommitWhenQuiet(spec, attempt);
  }
  for (const auto& event : reply.events().events()) {
    if (event.has_failed()) {
      attempt->failure = event.failed().failure();
      continue;
    }
    if (event.has_usage_reported()) *attempt->end.mutable_usage() = event.usage_reported().usage();
    ASSIGN_OR_RETURN(const bool carried, sink.TakeEvent(event));
    output = output || carried;
    if (event.has_finished()) attempt->finished = true;
  }
  if (!reply.chunk().empty()) {
    ASSIGN_OR_RETURN(output, sink.TakeBytes(reply.chunk()));
  }
  if (!reply.has_end()) return output;

  upstream::v1::End& end = *reply.mutable_end();
  if (end.has_failure() && !attempt->failure) attempt->failure = end.failure();
  if (!end.has_usage() && attempt->end.has_usage()) *end.mutable_usage() = attempt->end.usage();
  attempt->end = std::move(end);
  if (raw && !attempt->failure) attempt->finished = true;
  if (!raw && !attempt->failure && !attempt->finished) {
    attempt->failure = LocalFailure(inference::v1::FAILURE_STAGE_STREAM, "");
  }
  return output;
}

// A provider that accepted and then says nothing for a while: the client is told that it is being served.
void Engine::CommitWhenQuiet(const CallSpec& spec, const std::shared_ptr<Attempt>& attempt) {
  attempt->quiet.expires_after(spec.quiet_commit);
  attempt->quiet.async_wait([weak = std::weak_ptr(attempt)](boost::system::error_code error) {
    const auto alive = weak.lock();
    if (!error && alive) alive->Commit();
  });
}

accounts::v1::Settle Engine::SettlementOf(const CallSpec& spec, const Attempt& attempt,
                                          accounts::v1::Outcome outcome) const {
  accounts::v1::Settle settle;
  settle.set_outcome(outcome);
  *settle.mutable_usage() = attempt.end.usage();
  *settle.mutable_rate_limits() = attempt.end.rate_limits();
  if (attempt.failure && !attempt.finished) *settle.mutable_failure() = *attempt.failure;
  settle.set_served_model(attempt.end.served_model());
  const auto started_ms = attempt.started_at.time_since_epoch().count();
  settle.mutable_started_at()->set_seconds(started_ms / 1000);
  settle.mutable_started_at()->set_nanos(static_cast<std::int32_t>(started_ms % 1000 * 1'000'000));
  if (attempt.first_output) SetDuration(*attempt.first_output, settle.mutable_first_output());
  SetDuration(Between(attempt.started, clock_.Steady()), settle.mutable_total());
  settle.set_client_key_id(spec.client_key_id);
  settle.set_model(spec.model);
  settle.set_dialect(spec.dialect);
  settle.set_uncounted(spec.opens_socket);
  return settle;
}

}  // namespace patchbay::frontend
