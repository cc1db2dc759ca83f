#include "workers/frontend/engine/attempt.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "lib/time/proto_time.h"
#include "workers/frontend/call/tier_words.h"
#include "workers/frontend/engine/commit_point.h"

namespace patchbay::frontend {
namespace {

using std::chrono::milliseconds;

inference::v1::Failure LocalFailure(inference::v1::FailureStage stage, std::string message) {
  inference::v1::Failure failure;
  failure.set_stage(stage);
  failure.set_message(std::move(message));
  return failure;
}

// Of what a model wrote: whatever else an event says was not.
std::size_t WrittenBytes(const inference::v1::GenerateEvent& event) {
  using Event = inference::v1::GenerateEvent;
  switch (event.kind_case()) {
    case Event::kTextDelta: return event.text_delta().text().size();
    case Event::kRefusalDelta: return event.refusal_delta().text().size();
    case Event::kReasoningDelta: return event.reasoning_delta().text().size();
    case Event::kToolInputDelta: return event.tool_input_delta().text().size();
    case Event::kStarted:
    case Event::kItemBegan:
    case Event::kItemDone:
    case Event::kHostedToolProgress:
    case Event::kAnnotationAdded:
    case Event::kUsageReported:
    case Event::kRateLimitReported:
    case Event::kFinished:
    case Event::kFailed:
    case Event::kOpaque:
    case Event::KIND_NOT_SET: return 0;
  }
  return 0;
}

// As upstream names what a provider's dialect left out.
constexpr std::string_view kTierField = "service_tier";

// The provider took the call, or opened the socket on which it goes on.
bool Accepts(int status) { return status / 100 == 2 || status == 101; }

}  // namespace

Attempt::Attempt(async::TimeSource& time, CallSpec& spec, ReplySink& sink, const accounts::v1::Granted& granted,
                 CallRoute route, SteadyTime deadline)
    : time_(time), spec_(spec), sink_(sink), granted_(granted), route_(std::move(route)), deadline_(deadline) {
  facts_.relayed = route_.relay;
  facts_.service_tier =
      route_.relay ? route_.relayed.service_tier : std::string(TierWord(spec.call.payload.canonical->tier()));
  facts_.started = time.Steady();
  facts_.started_at = time.Now();
}

Awaitable<void> Attempt::Run(UpstreamCaller& caller, Cancellation& cancellation) {
  sink_.BeginAttempt(granted_, route_);
  const std::unique_ptr<CallStream> stream = co_await caller.Open();
  {
    const Cancellation::Hook hook(cancellation, [&] { stream->Cancel(); });
    // A request that could not be sent whole may still have been answered: why is in the reply.
    co_await SendRequest(*stream);
    co_await ReadReply(*stream, cancellation);
  }
  quiet_.reset();
  // What stopped on our own word has not failed.
  if (facts_.finished || cancellation.cancelled()) facts_.failure.reset();
  if (!facts_.finished && !cancellation.cancelled() && !facts_.failure) {
    facts_.failure = LocalFailure(inference::v1::FAILURE_STAGE_GATEWAY, "");
  }
  if (facts_.failure) facts_.failure->set_to_callers_login(granted_.callers_login());
}

accounts::v1::AttemptNotes Attempt::Notes() const {
  accounts::v1::AttemptNotes notes;
  const Losses losses = sink_.losses();
  notes.mutable_ignored()->Assign(losses.ignored.begin(), losses.ignored.end());
  notes.mutable_repaired()->Assign(losses.repaired.begin(), losses.repaired.end());
  if (facts_.head) SetDuration(*facts_.head, notes.mutable_head());
  return notes;
}

Awaitable<void> Attempt::SendRequest(CallStream& stream) {
  upstream::v1::CallRequest message;
  auto& open = *message.mutable_open();
  open.set_request_id(spec_.request_id);
  open.set_lease_id(granted_.lease_id());
  open.set_account(granted_.account());
  open.set_provider(granted_.provider());
  open.set_credential_version(granted_.credential_version());
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - time_.Steady());
  SetDuration(std::max(left, milliseconds(1)), open.mutable_total_timeout());
  open.set_session_id(spec_.affinity.session_id);
  open.set_traceparent(spec_.traceparent);
  if (granted_.callers_login()) Write(spec_.caller_login, *open.mutable_caller_login());
  if (route_.relay) {
    co_await SendBytes(stream, std::move(message));
    co_return;
  }
  // Lent, not copied: a retry needs it again.
  inference::v1::GenerateRequest& request = *spec_.call.payload.canonical;
  open.mutable_canonical()->Swap(&request);
  co_await stream.SendLast(message);
  open.mutable_canonical()->Swap(&request);
}

Awaitable<void> Attempt::SendBytes(CallStream& stream, upstream::v1::CallRequest message) {
  const RelayedRequest& relayed = route_.relayed;
  const std::string& body = *relayed.body;
  for (const auto& [name, value] : relayed.headers) {
    auto& header = *message.mutable_open()->add_forwarded_headers();
    header.set_name(name);
    header.set_value(value);
  }
  auto& raw = *message.mutable_open()->mutable_raw();
  raw.set_dialect(std::string(spec_.call.payload.bytes->dialect()));
  raw.set_model(granted_.wire_model());
  raw.set_service_tier(relayed.service_tier);
  raw.set_total_bytes(body.size());
  raw.set_begin(body.substr(0, kChunkBytes));
  for (std::size_t at = kChunkBytes; at < body.size(); at += kChunkBytes) {
    const bool sent = co_await stream.Send(message);
    if (!sent) co_return;
    message.set_chunk(body.substr(at, kChunkBytes));
  }
  co_await stream.SendLast(message);
}

Awaitable<void> Attempt::ReadReply(CallStream& stream, Cancellation& cancellation) {
  upstream::v1::CallReply reply;
  while (co_await stream.Receive(reply)) {
    const bool ended = reply.has_end();
    const Result<bool> output = Take(reply);
    if (!output.ok()) {
      // What the encoders refuse is a broken stream, whoever broke it.
      facts_.failure = LocalFailure(inference::v1::FAILURE_STAGE_STREAM, output.error().message);
      stream.Cancel();
      co_return;
    }
    if (*output && !facts_.first_output) {
      facts_.first_output = std::chrono::duration_cast<milliseconds>(time_.Steady() - facts_.started);
    }
    // With the end at hand the rest leaves in one piece, or, when it is a failure and nothing has left yet, not at all.
    if (ended) {
      stream.Leave();
      co_return;
    }
    if (*output) Commit();
    if (!facts_.committed) continue;
    const bool client_is_there = co_await sink_.Flush();
    if (client_is_there) continue;
    cancellation.Cancel(Cancellation::Reason::kClientGone);
    co_return;
  }
  // Collects the status, so that the call is over on both sides. Its words are not the client's business.
  co_await stream.Finish();
}

Result<bool> Attempt::Take(upstream::v1::CallReply& reply) {
  if (reply.has_head() && Accepts(reply.head().status())) {  // of others, End tells the rest
    facts_.accepted = true;
    facts_.head = std::chrono::duration_cast<milliseconds>(time_.Steady() - facts_.started);
    // What the provider cannot be asked for it was not asked for.
    const auto& ignored = reply.head().ignored();
    if (std::find(ignored.begin(), ignored.end(), kTierField) != ignored.end()) facts_.service_tier.clear();
    sink_.TakeHead(reply.head());
    if (!reply.has_end()) quiet_ = time_.After(spec_.quiet_commit, [this] { Commit(); });
  }
  ASSIGN_OR_RETURN(bool output, TakeEvents(reply.events()));
  if (!reply.chunk().empty()) {
    facts_.raw_bytes += reply.chunk().size();
    ASSIGN_OR_RETURN(output, sink_.TakeBytes(reply.chunk()));
  }
  if (reply.has_end()) TakeEnd(std::move(*reply.mutable_end()));
  return output;
}

Result<bool> Attempt::TakeEvents(const upstream::v1::Events& events) {
  bool output = false;
  for (const auto& event : events.events()) {
    if (event.has_failed()) {
      facts_.failure = event.failed().failure();
      continue;
    }
    if (event.has_usage_reported()) *facts_.end.mutable_usage() = event.usage_reported().usage();
    RETURN_IF_ERROR(sink_.TakeEvent(event));
    facts_.text_bytes += WrittenBytes(event);
    output = output || CarriesOutput(event);
    if (event.has_finished()) facts_.finished = true;
  }
  return output;
}

void Attempt::TakeEnd(upstream::v1::End end) {
  const bool raw = route_.relay;
  if (end.has_failure() && !facts_.failure) facts_.failure = end.failure();
  if (!end.has_usage() && facts_.end.has_usage()) *end.mutable_usage() = facts_.end.usage();
  facts_.end = std::move(end);
  if (raw && !facts_.failure) facts_.finished = true;
  if (!raw && !facts_.failure && !facts_.finished) {
    facts_.failure = LocalFailure(inference::v1::FAILURE_STAGE_STREAM, "");
  }
}

void Attempt::Commit() {
  if (facts_.committed || !sink_.streams()) return;
  facts_.committed = true;
  quiet_.reset();
  sink_.Commit();
}

}  // namespace patchbay::frontend
