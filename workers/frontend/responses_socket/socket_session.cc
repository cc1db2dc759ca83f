#include "workers/frontend/responses_socket/socket_session.h"

#include <algorithm>
#include <utility>

#include "lib/async/spawn.h"
#include "lib/base/random.h"
#include "lib/log/log.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/face.h"
#include "workers/frontend/dialects/openai_responses/socket_frames.h"
#include "workers/frontend/engine/call_log.h"

namespace patchbay::frontend {
namespace {

namespace responses = openai_responses;
using Kind = Problem::Kind;

// Troubles of the account or the way to it, which a whole conversation can get around and a continuation cannot.
bool MayPassElsewhere(Kind kind) {
  return kind == Kind::kThrottled || kind == Kind::kExhausted || kind == Kind::kNoAccount ||
         kind == Kind::kUnavailable || kind == Kind::kProvider;
}

// A socket is opened before anything is asked.
class NothingToSay final : public ClientBytes {
 public:
  std::string_view dialect() const override { return "openai_responses"; }
  Result<RelayedRequest> Relayed(const GrantTerms&) const override {
    RelayedRequest relayed;
    relayed.body = std::make_shared<const std::string>();
    return relayed;
  }
  Result<TranslatedRequest> Translated() const override {
    return Error(ErrorCode::kUnsupported, "a socket cannot be translated");
  }
  std::int64_t EstimateInputTokens() const override { return 0; }
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }
};

}  // namespace

SocketSession::SocketSession(const SocketContext& context, SocketClient client, Settings settings)
    : context_(context),
      client_(std::move(client)),
      key_(client_.key),
      settings_(std::move(settings)),
      memory_({.bytes = kMaxRememberedBytes, .max_age = settings_.sockets.lifetime}),
      remembered_(std::make_shared<ClientResponses>(memory_, client_.key.id, context.time)),
      life_({.idle_timeout = settings_.sockets.idle_timeout, .lifetime = settings_.sockets.lifetime},
            context.time.Steady()),
      wake_(context.io.get_executor()),
      listen_done_(context.io.get_executor()) {}

Awaitable<SocketSession::Opened> SocketSession::Dial(std::shared_ptr<net::HttpExchange> exchange) {
  const auto self = shared_from_this();
  const HeaderLookup header = [&](std::string_view name) { return exchange->request().Find(name).value_or(""); };
  traits_ = responses::TraitsOf(header);
  traceparent_ = header("traceparent");
  path_ = exchange->request().path;
  originator_ = header("originator");
  forwarded_headers_ = responses::HeadersForBackends(header);
  // Without a thread of its own the socket is one: its turns then stay together.
  const std::string_view session = responses::SessionHeader(header);
  affinity_ = AffinityOf({session, session.empty() ? session : header(session)}, "",
                         {.cache_key = client_.id, .first_turn = ""}, client_.key.id);
  if (affinity_.source == "prompt_cache_key") affinity_.source = "socket";
  TurnCaller::Identity identity;
  identity.dialect = client_.dialect;
  identity.session_id = affinity_.session_id;
  identity.traceparent = traceparent_;
  identity.forwarded_headers = forwarded_headers_;
  identity.open_timeout = kOpenTimeout;
  const std::weak_ptr<SocketSession> weak = self;
  caller_ = std::make_unique<TurnCaller>(context_.io.get_executor(), context_.caller, std::move(identity), [weak] {
    if (const auto alive = weak.lock()) alive->wake_.Notify();
  });
  engine_ = std::make_unique<Engine>(context_.time, context_.leaser, *caller_);

  CallSpec spec = SpecFor(client_.id);
  spec.opens_socket = true;
  spec.queue_wait = std::min(spec.queue_wait, kOpenTimeout);
  spec.total_timeout = kOpenTimeout;
  spec.call.payload = Payload(std::make_shared<const NothingToSay>());
  spec.call.payload.needs_relay = true;
  const auto cancellation = std::make_shared<Cancellation>();
  exchange->OnDisconnect([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
  DialSink nothing;
  const CallOutcome outcome = co_await engine_->Run(std::move(spec), nothing, cancellation);
  provider_ = nothing.provider();
  exchange->OnDisconnect(nullptr);
  Opened opened;
  opened.account_label = outcome.account_label;
  opened.problem = outcome.problem;
  opened.declined = caller_->declined();
  over_http_ = outcome.without_socket;
  opened.open = over_http_ || (outcome.ending == CallOutcome::Ending::kCompleted && caller_->socket() != nullptr);
  if (!opened.open && !opened.problem) {
    opened.problem = Problem(Kind::kUnavailable, "the provider's socket was closed at once");
  }
  co_return opened;
}

Awaitable<int> SocketSession::Serve(std::shared_ptr<net::HttpExchange> exchange) {
  const auto self = shared_from_this();
  net::WebSocketOptions options;
  options.message_bytes = settings_.http.body_bytes;
  options.ping_timeout = settings_.sockets.ping_timeout;
  options.budget = context_.budget;
  HeaderList headers = client_.response_headers;
  AddProvidersHead(headers);
  socket_ = co_await exchange->Upgrade(std::move(headers), std::move(options));
  if (!socket_) {
    caller_->Drop();
    co_return 0;
  }
  writer_ = std::make_shared<FrameWriter>(context_.io.get_executor(), socket_);
  writer_->Start();
  async::Spawn(context_.io, "socket listener", Listen(self));  // awaited by listen_done_

  SocketLife::Step step;
  do {
    LookAtProvider();
    step = life_.Next(context_.time.Steady());
    if (step.kind == SocketLife::Step::Kind::kTurn) {
      co_await RunTurn(std::move(step.frame));
      life_.TurnOver(context_.time.Steady());
    } else if (step.kind == SocketLife::Step::Kind::kWait) {
      co_await WaitUntil(step.until);
    }
  } while (step.kind == SocketLife::Step::Kind::kTurn || step.kind == SocketLife::Step::Kind::kWait);

  caller_->Drop();
  if (step.kind == SocketLife::Step::Kind::kClose) {
    co_await writer_->Finish();
    co_await socket_->Close(step.code, step.reason);
  } else {
    writer_->Stop();
    co_await writer_->Finish();
  }
  socket_->Abort();
  co_await listen_done_.Wait();
  log::Info("socket.closed", {{"request", client_.id},
                              {"key", client_.key.id},
                              {"turns", turns_},
                              {"code", step.code},
                              {"reason", step.reason},
                              {"bytes", writer_->bytes()}});
  co_return turns_;
}

std::int64_t SocketSession::NowInSeconds() const {
  return std::chrono::duration_cast<std::chrono::seconds>(context_.time.Now().time_since_epoch()).count();
}

void SocketSession::AddProvidersHead(HeaderList& headers) const {
  if (over_http_) return;
  const upstream::v1::Head& head = caller_->socket()->opened().head();
  for (const auto& provided : head.headers()) {
    if (provided.name() == "x-request-id") {
      headers.emplace_back("x-provider-request-id", provided.value());
    } else if (provided.name() != "content-type") {
      headers.emplace_back(provided.name(), provided.value());
    }
  }
  const QuotaSight sight = context_.quotas.SightOf(key_, provider_);
  if (sight.passes) {
    for (const auto& provided : head.quota_headers()) headers.emplace_back(provided.name(), provided.value());
  } else if (sight.quota != nullptr) {
    for (auto& header : responses::QuotaHeaders(*sight.quota, NowInSeconds())) headers.push_back(std::move(header));
  }
}

void SocketSession::Drain() {
  life_.Drain();
  wake_.Notify();
}

// Beside the turns: the next ones are taken in, and a client that leaves ends the one that runs.
Awaitable<void> SocketSession::Listen([[maybe_unused]] std::shared_ptr<SocketSession> self) {
  while (true) {
    net::WebSocketMessage message = co_await socket_->Read();
    if (message.closed) break;
    SocketLife::Frame frame{std::move(message.text), std::move(message.held)};
    if (!life_.Add(std::move(frame))) {
      const Problem problem(Kind::kOverloaded, "too many turns are waiting on this socket");
      writer_->Push(responses::ErrorFrame(problem));
    }
    wake_.Notify();
  }
  life_.ClientGone();
  writer_->Stop();
  if (running_) running_->Cancel(Cancellation::Reason::kClientGone);
  wake_.Notify();
  listen_done_.Notify();
}

Awaitable<void> SocketSession::WaitUntil(SteadyTime until) {
  const auto timer = context_.time.At(until, [this] { wake_.Notify(); });
  co_await wake_.Wait();
}

// Between two turns: what the provider said to nobody in particular, and whether its socket has ended.
void SocketSession::LookAtProvider() {
  const auto& provider = caller_->socket();
  if (!provider) return;
  while (auto frame = provider->TakeIdleFrame()) {
    if (!responses::ShowQuota(context_.quotas.SightOf(key_, provider_), NowInSeconds(), *frame)) continue;
    if (traits_.native || responses::IsForEverybody(*frame)) writer_->Push(std::move(*frame));
  }
  if (!provider->alive()) {
    life_.CloseWith(RelayedCloseCode(provider->closed()->code), provider->closed()->reason);
  }
}

CallSpec SocketSession::SpecFor(std::string request_id) const {
  CallSpec spec;
  spec.request_id = std::move(request_id);
  spec.client_key_id = client_.key.id;
  spec.source = client_.source;
  spec.counts_tokens = CountsTokens(key_);
  spec.dialect = client_.dialect;
  spec.affinity = affinity_;
  spec.traceparent = traceparent_;
  spec.caller_login = client_.caller_login;
  spec.queue_wait = settings_.queue_wait;
  spec.total_timeout = settings_.total_timeout;
  spec.quiet_commit = settings_.heartbeat;
  return spec;
}

Awaitable<void> SocketSession::RunTurn(SocketLife::Frame frame) {
  if (client_.key_now) key_ = client_.key_now(key_);
  std::string request_id = client_.id + "." + std::to_string(turns_ + 1);
  BeginRecording(request_id, frame.text);
  if (over_http_) {
    co_await AnswerOverHttp(std::move(frame.text), std::move(request_id));
    recording_.reset();
    co_return;
  }
  auto decoded = responses::DecodeFrame(std::move(frame.text), traits_);
  if (!decoded.ok() || decoded->wants_answer) ++turns_;
  if (!decoded.ok()) {
    const Problem problem = ProblemOf(decoded.error());
    Refuse(problem);
    EndRecording("", "refused", ToString(problem.kind));
  } else if (decoded->wants_answer) {
    co_await Answer(std::move(*decoded), std::move(request_id));
  }
  recording_.reset();
}

Awaitable<void> SocketSession::Answer(responses::ClientFrame frame, std::string request_id) {
  traits_.native = traits_.native || frame.request.client.native;
  const SteadyTime began = context_.time.Steady();
  const std::string previous = frame.previous_response_id;
  const auto bytes = std::make_shared<const responses::ResponsesBytes>(std::move(frame.request), HeaderList());
  CallSpec spec = SpecFor(request_id);
  responses::TakeCall(bytes, spec.call);
  spec.call.payload.needs_relay = true;  // the provider's socket takes nothing else
  spec.on_socket = true;
  if (!previous.empty() && IsRemembered(previous)) {
    co_await AnswerOverHttp(bytes->request().body, std::move(request_id));
    co_return;
  }
  if (!previous.empty()) {
    const auto& provider = caller_->socket();
    if (!provider || !provider->alive()) {
      Refuse(responses::PreviousResponseLost(previous));
      EndRecording(spec.call.model, "refused", "previous_response_not_found");
      co_return;
    }
    spec.pinned_account = provider->account();
  }
  caller_->Continue(previous);
  QuotaSightOf sight = [this](const std::string& provider) { return context_.quotas.SightOf(key_, provider); };
  SocketReply reply(writer_, traits_.native, bytes, recording_, std::move(sight), NowInSeconds());
  running_ = std::make_shared<Cancellation>();
  if (writer_->gone()) running_->Cancel(Cancellation::Reason::kClientGone);
  const std::string model = spec.call.model;
  const std::size_t bytes_before = writer_->bytes();
  const CallOutcome outcome = co_await engine_->Run(std::move(spec), reply, running_);
  running_.reset();
  context_.quotas.Learn(client_.key.id, outcome.provider, outcome.rate_limits);
  if (outcome.without_socket && previous.empty()) {
    co_await AnswerOverHttp(bytes->request().body, std::move(request_id));
    co_return;
  }
  TakeOutcome(outcome, reply, previous);
  EndRecording(model, ToString(outcome.ending), outcome.problem ? ToString(outcome.problem->kind) : std::string_view());
  LogTurn(request_id, model, outcome, began, writer_->bytes() - bytes_before);
}

// A turn by itself: whatever it goes on from is put in front of it.
Awaitable<void> SocketSession::AnswerOverHttp(std::string text, std::string request_id) {
  auto frame = responses::DecodeFrameForHttp(std::move(text), traits_, *remembered_);
  // Where there is a provider's socket, the turn was looked at and counted before it came here.
  if (over_http_ && (!frame.ok() || frame->wants_answer)) ++turns_;
  if (!frame.ok()) {
    const Problem problem = ProblemOf(frame.error());
    Refuse(problem);
    EndRecording("", "refused", ToString(problem.kind));
    co_return;
  }
  if (!frame->wants_answer) co_return;
  traits_.native = traits_.native || frame->request.client.native;
  const SteadyTime began = context_.time.Steady();
  const std::string previous = frame->previous_response_id;
  const auto bytes = std::make_shared<const responses::ResponsesBytes>(std::move(frame->request), HttpHeaders());
  const auto asked_at = std::chrono::duration_cast<std::chrono::seconds>(context_.time.Now().time_since_epoch());
  responses::Answers answers{bytes, remembered_, RandomId("", 120), asked_at.count()};
  const std::string model = bytes->request().model;
  if (!frame->generate) {
    WarmUp(std::move(answers));
    EndRecording(model, "completed", "");
    co_return;
  }
  CallSpec spec = SpecFor(request_id);
  responses::TakeCall(bytes, spec.call);
  HttpTurnReply reply(writer_, std::move(answers), recording_);
  running_ = std::make_shared<Cancellation>();
  if (writer_->gone()) running_->Cancel(Cancellation::Reason::kClientGone);
  const std::size_t bytes_before = writer_->bytes();
  const CallOutcome outcome = co_await context_.engine.Run(std::move(spec), reply, running_);
  running_.reset();
  TakeHttpOutcome(outcome, reply);
  // As on a provider's socket, only the last answer can be gone on from.
  if (outcome.ending == CallOutcome::Ending::kCompleted && !previous.empty()) remembered_->Erase(previous);
  EndRecording(model, ToString(outcome.ending), outcome.problem ? ToString(outcome.problem->kind) : std::string_view());
  LogTurn(request_id, model, outcome, began, writer_->bytes() - bytes_before);
}

// The handshake's, without what is about the socket.
HeaderList SocketSession::HttpHeaders() const {
  HeaderList headers = forwarded_headers_;
  std::erase_if(headers, [](const auto& header) { return header.first == "openai-beta"; });
  return headers;
}

// An empty response, whose id can be gone on from (codex-wire §10.2).
void SocketSession::WarmUp(responses::Answers answers) {
  HttpTurnReply reply(writer_, std::move(answers), recording_);
  inference::v1::GenerateEvent started, finished;
  started.mutable_started();
  finished.mutable_finished()->set_reason(inference::v1::FINISH_REASON_STOP);
  reply.BeginAttempt({}, {});
  Result<void> told = reply.TakeEvent(started);
  if (told.ok()) told = reply.TakeEvent(finished);
  if (told.ok()) told = reply.Complete();
  if (!told.ok()) Refuse(ProblemOf(told.error()));
}

void SocketSession::TakeHttpOutcome(const CallOutcome& outcome, HttpTurnReply& reply) {
  switch (outcome.ending) {
    case CallOutcome::Ending::kCompleted:
      if (const auto told = reply.Complete(); !told.ok()) Refuse(ProblemOf(told.error()));
      return;
    case CallOutcome::Ending::kClientGone: return;
    case CallOutcome::Ending::kRefused:
      Refuse(*outcome.problem);
      if (outcome.problem->kind == Kind::kBadKey) life_.CloseWith(close_code::kPolicy, outcome.problem->message);
      return;
    case CallOutcome::Ending::kBroken: return reply.Break(*outcome.problem);
  }
}

void SocketSession::Refuse(const Problem& problem) {
  std::string frame = responses::ErrorFrame(problem);
  if (recording_ != nullptr) {
    recording_->set_status(responses::EncodeError(problem).status);
    recording_->clear_response_body();
    AppendBounded(*recording_->mutable_response_body(), frame, *recording_);
  }
  writer_->Push(std::move(frame));
}

void SocketSession::BeginRecording(const std::string& request_id, std::string_view frame) {
  recording_ = nullptr;
  if (context_.recorder == nullptr) return;
  const Recorder::Asked asked{
      .request_id = request_id, .dialect = client_.dialect, .path = path_, .originator = originator_};
  recording_ = context_.recorder->Begin(asked, frame);
  if (recording_ == nullptr) return;
  recording_->set_socket(true);
  recording_->set_stream(true);
  recording_->set_status(200);
}

void SocketSession::EndRecording(std::string_view model, std::string_view ending, std::string_view problem) {
  if (recording_ == nullptr) return;
  const int status = recording_->status();
  context_.recorder->End(std::exchange(recording_, nullptr), model, status, ending, problem);
}

void SocketSession::TakeOutcome(const CallOutcome& outcome, SocketReply& reply, const std::string& previous) {
  switch (outcome.ending) {
    case CallOutcome::Ending::kCompleted: return reply.Commit();  // what has not gone out yet
    case CallOutcome::Ending::kClientGone: return;
    case CallOutcome::Ending::kRefused:
      if (!previous.empty() && MayPassElsewhere(outcome.problem->kind)) {
        // The account that remembers cannot go on. Sent whole, the conversation can go on elsewhere.
        caller_->Drop();
        return Refuse(responses::PreviousResponseLost(previous));
      }
      Refuse(*outcome.problem);
      if (outcome.problem->kind == Kind::kBadKey) life_.CloseWith(close_code::kPolicy, outcome.problem->message);
      return;
    case CallOutcome::Ending::kBroken: {
      if (reply.ended()) return;  // in the provider's own words
      std::string frame = responses::ErrorFrame(*outcome.problem);
      if (recording_ != nullptr) AppendFrame(*recording_->mutable_response_body(), frame, *recording_);
      writer_->Push(std::move(frame));
      life_.CloseWith(close_code::kInternal, "the answer broke off");
      return;
    }
  }
}

void SocketSession::LogTurn(std::string_view request_id, std::string_view model, const CallOutcome& outcome,
                            SteadyTime began, std::size_t bytes) const {
  LogCall({.request_id = request_id,
           .client_key_id = client_.key.id,
           .dialect = client_.dialect,
           .model = model,
           .affinity = affinity_.source,
           .status = 0,
           .problem = outcome.problem ? ToString(outcome.problem->kind) : std::string_view(),
           .took = std::chrono::duration_cast<std::chrono::milliseconds>(context_.time.Steady() - began),
           .bytes = bytes},
          outcome);
}

}  // namespace patchbay::frontend
