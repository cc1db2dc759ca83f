#include "workers/ollama/server/generation.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "workers/ollama/dialect/chat_request.h"
#include "workers/ollama/dialect/generate_request.h"
#include "workers/ollama/dialect/model_names.h"
#include "workers/ollama/server/client_notes.h"

namespace patchbay::ollama {
namespace {

using gateway::v1::GenerateReply;
using Replies = std::shared_ptr<Incoming<GenerateReply>>;
using std::chrono::nanoseconds;

std::string Listed(const std::vector<std::string>& names) {
  // A header's value may hold visible ASCII only (RFC 9110 §5.5); names of members come from clients.
  constexpr std::size_t kBytesMax = 2048;
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  if (text.size() > kBytesMax) text.resize(kBytesMax);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return text;
}

nanoseconds NanosOf(const google::protobuf::Duration& duration) {
  return nanoseconds(google::protobuf::util::TimeUtil::DurationToNanoseconds(duration));
}

// What one client's leaving has to end; shared with the callback, which may outlive the call.
struct Running {
  Replies replies;
  bool left = false;
};

}  // namespace

// One call, from the decoded request to the last byte.
class Generation::Call {
 public:
  Call(const Clock& clock, Request& request, Endpoint endpoint, Asked asked, std::string body)
      : clock_(clock),
        request_(request),
        endpoint_(endpoint),
        asked_(std::move(asked)),
        notes_(endpoint == Endpoint::kChat ? "/api/chat" : "/api/generate", std::move(body)),
        encoder_(endpoint, asked_),
        wall_at_arrival_(clock.Now() -
                         std::chrono::duration_cast<std::chrono::milliseconds>(clock.Steady() - request.arrived)) {}

  // `taken`: the gateway serves the model.
  Awaitable<void> Run(Gateway& gateway, const std::function<void()>& taken) {
    request_.exchange->OnDisconnect([running = running_] {
      running->left = true;
      if (running->replies) running->replies->Cancel();
    });
    gateway::v1::GenerateCall call;
    call.mutable_request()->Swap(&asked_.request);
    call.set_tells_client(true);
    GenerateReply reply;
    const auto begun = co_await Begin(gateway, call, reply);
    call.Clear();  // pictures are large, and answers last
    notes_.Settle();
    if (running_->left) co_return;
    if (!begun.ok()) {
      Error why = co_await Why(gateway, begun.error());
      co_return co_await AnswerError(request_, std::move(why));
    }
    taken();
    TakeNotes(reply);
    const Result<void> ended = co_await Carry(reply);
    running_->replies = nullptr;
    if (!running_->left && !write_failed_) co_await End(ended);
  }

  // What the client said and got, to a gateway that records it.
  Awaitable<void> Tell(Gateway& gateway) { co_await notes_.Tell(gateway, asked_.model, asked_.stream); }

 private:
  // The first message, of the name that the gateway knows; or why there is none.
  Awaitable<Result<void>> Begin(Gateway& gateway, gateway::v1::GenerateCall& call, GenerateReply& reply) {
    bool repeated = false;
    for (const std::string& name : NamesFor(asked_.model)) {
      call.mutable_request()->set_model(name);
      Result<void> begun = co_await Open(gateway, call, reply);
      // The client has read nothing yet, and what the dead process had sent is counted as lost, for itself: it is as
      // when upstream dies before the commit point. Once: what kills a frontend might be the request.
      if (broke_ && !running_->left && !std::exchange(repeated, true)) begun = co_await Open(gateway, call, reply);
      if (begun.ok() || begun.error().code != ErrorCode::kNotFound) co_return begun;
    }
    co_return UnknownModel(asked_.model);
  }

  // One call, up to its first message.
  Awaitable<Result<void>> Open(Gateway& gateway, const gateway::v1::GenerateCall& call, GenerateReply& reply) {
    broke_ = false;
    auto replies = co_await gateway.Generate(call);
    if (!replies.ok()) co_return std::move(replies).error();
    running_->replies = std::move(*replies);
    if (running_->left) running_->replies->Cancel();
    const bool came = co_await ReceiveFirst(reply);
    if (came) co_return Result<void>();
    const Result<void> ended = co_await running_->replies->Finish();
    broke_ = running_->replies->broke();
    running_->replies = nullptr;
    if (ended.ok()) co_return Error(ErrorCode::kProtocol, "the gateway gave no answer");
    co_return ended;
  }

  // What comes behind the word that the call is recorded.
  Awaitable<bool> ReceiveFirst(GenerateReply& reply) {
    bool came = co_await running_->replies->Receive(reply);
    if (!came || reply.recording().empty()) co_return came;
    notes_.Begin(request_, reply.recording());
    reply.Clear();
    came = co_await running_->replies->Receive(reply);
    co_return came;
  }

  // In the words of the real server (client-protocols §F.10) where a model was asked for what it is not made for. The
  // gateway refuses such a call, so that others need not ask for the list first.
  Awaitable<Error> Why(Gateway& gateway, Error error) {
    if (error.code != ErrorCode::kInvalidArgument) co_return error;
    const auto models = co_await gateway.ListModels();
    const auto* model = models.ok() ? FindModel(*models, asked_.model) : nullptr;
    if (model == nullptr || !model->embeddings()) co_return error;
    co_return DoesNotSupport(asked_.model, endpoint_ == Endpoint::kChat ? "chat" : "generate");
  }

  // An error: the stream broke, or said what it must not.
  Awaitable<Result<void>> Carry(GenerateReply& reply) {
    for (;;) {
      std::string out;
      const Result<void> taken = Take(reply, out);
      if (!out.empty()) {
        const bool sent = co_await Send(std::move(out));
        write_failed_ = !sent;
      }
      if (write_failed_ || !taken.ok()) {
        running_->replies->Cancel();
        co_return taken;
      }
      reply.Clear();
      const bool more = co_await running_->replies->Receive(reply);
      if (!more) break;
    }
    const Result<void> ended = co_await running_->replies->Finish();
    co_return ended;
  }

  Result<void> Take(const GenerateReply& reply, std::string& out) {
    const SteadyTime now = clock_.Steady();
    if (reply.has_timings()) timings_ = reply.timings();
    for (const auto& event : reply.events()) {
      if (!accepted_at_) accepted_at_ = now;
      RETURN_IF_ERROR(encoder_.Encode(event, WallAt(now), out));
      if (!first_output_at_ && encoder_.has_output()) first_output_at_ = now;
    }
    return {};
  }

  Awaitable<bool> Send(std::string out) {
    if (!std::exchange(streaming_, true)) {
      net::HttpHeaders headers = WithType(request_, kLinesType);
      const bool started = co_await request_.exchange->StartStream(200, std::move(headers));
      if (!started) co_return false;
    }
    co_return co_await request_.exchange->Write(std::move(out));
  }

  Awaitable<void> End(const Result<void>& ended) {
    if (!encoder_.finished()) {
      Error error(ErrorCode::kProtocol, "the answer ended before it was complete");
      if (encoder_.failure()) error.message = *encoder_.failure();
      if (!ended.ok()) error = ended.error();
      if (!streaming_) co_return co_await AnswerError(request_, std::move(error));
      std::string line = EncodeError(error.message) + "\n";
      co_await request_.exchange->FinishStream(std::move(line));
      co_return;
    }
    std::string last;
    const SteadyTime now = clock_.Steady();
    encoder_.Finish(DurationsAt(now), WallAt(now), last);
    if (!asked_.stream) co_return co_await AnswerJson(request_, std::move(last));
    if (!streaming_) {
      net::HttpHeaders headers = WithType(request_, kLinesType);
      const bool started = co_await request_.exchange->StartStream(200, std::move(headers));
      if (!started) co_return;
    }
    co_await request_.exchange->FinishStream(std::move(last));
  }

  // The gateway measures where the provider's bytes are read; what it does not tell is measured here.
  Durations DurationsAt(SteadyTime now) const {
    Durations durations;
    durations.total = now - request_.arrived;
    const SteadyTime accepted = accepted_at_.value_or(now), first = first_output_at_.value_or(now);
    const bool told = timings_.has_accepted() && timings_.has_first_output() && timings_.has_total();
    durations.load = told ? NanosOf(timings_.accepted()) : accepted - request_.arrived;
    durations.prompt_eval = told ? NanosOf(timings_.first_output()) - NanosOf(timings_.accepted()) : first - accepted;
    durations.eval = told ? NanosOf(timings_.total()) - NanosOf(timings_.first_output()) : now - first;
    return durations;
  }

  void TakeNotes(const GenerateReply& reply) {
    std::vector<std::string> ignored = asked_.ignored, repaired = asked_.repaired;
    for (const std::string& canonical : reply.notes().ignored()) {
      const auto wish = std::find_if(asked_.wishes.begin(), asked_.wishes.end(),
                                     [&](const Wish& w) { return w.canonical == canonical; });
      Note(ignored, wish == asked_.wishes.end() ? canonical : wish->field);
    }
    for (const std::string& what : reply.notes().repaired()) Note(repaired, what);
    if (!ignored.empty()) request_.headers.emplace_back("x-patchbay-ignored", Listed(ignored));
    if (!repaired.empty()) request_.headers.emplace_back("x-patchbay-repaired", Listed(repaired));
    if (!reply.notes().served_model().empty()) {
      request_.headers.emplace_back("x-patchbay-model", Listed({reply.notes().served_model()}));
    }
  }

  // The calendar's time, as fine as the clock that never jumps.
  WallNanos WallAt(SteadyTime now) const {
    return WallNanos(std::chrono::duration_cast<nanoseconds>(wall_at_arrival_.time_since_epoch()) +
                     std::chrono::duration_cast<nanoseconds>(now - request_.arrived));
  }

  const Clock& clock_;
  Request& request_;
  const Endpoint endpoint_;
  Asked asked_;
  ClientNotes notes_;
  AnswerEncoder encoder_;
  const WallTime wall_at_arrival_;
  const std::shared_ptr<Running> running_ = std::make_shared<Running>();
  gateway::v1::Timings timings_;
  std::optional<SteadyTime> accepted_at_, first_output_at_;
  bool broke_ = false;         // the gateway died before the first message
  bool streaming_ = false;     // the head of a stream has been written
  bool write_failed_ = false;  // the client is gone
};

Awaitable<void> Generation::Handle(Request& request, Endpoint endpoint) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  auto asked = endpoint == Endpoint::kChat ? DecodeChat(*body) : DecodeGenerate(*body);
  if (!asked.ok()) co_return co_await AnswerError(request, asked.error());
  if (asked->load_only) co_return co_await AnswerLoad(request, endpoint, *asked);
  const std::function<void()> taken = [this, model = asked->model, keep = asked->keep_alive] {
    loaded_.Touch(model, keep, clock_.Now());
  };
  Call call(clock_, request, endpoint, std::move(*asked), std::move(*body));
  co_await call.Run(gateway_, taken);
  co_await call.Tell(gateway_);
}

Awaitable<void> Generation::AnswerLoad(Request& request, Endpoint endpoint, const Asked& asked) {
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  if (FindModel(*models, asked.model) == nullptr) co_return co_await AnswerError(request, UnknownModel(asked.model));
  loaded_.Touch(asked.model, asked.keep_alive, clock_.Now());
  const WallNanos now(std::chrono::duration_cast<nanoseconds>(clock_.Now().time_since_epoch()));
  const bool unloads = asked.keep_alive == KeepAlive::zero();
  co_await AnswerJson(request, EncodeLoadAnswer(endpoint, asked.model, unloads, now));
}

}  // namespace patchbay::ollama
