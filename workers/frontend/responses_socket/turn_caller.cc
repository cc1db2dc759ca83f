#include "workers/frontend/responses_socket/turn_caller.h"

#include <utility>

#include "lib/time/proto_time.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/socket_frames.h"

namespace patchbay::frontend {
namespace {

namespace v1 = upstream::v1;

// As the provider itself would tell it, so that everybody judges it as the fault of the request.
inference::v1::Failure PreviousLost(std::string_view id) {
  const Problem problem = openai_responses::PreviousResponseLost(id);
  inference::v1::Failure failure;
  failure.set_stage(inference::v1::FAILURE_STAGE_STATUS);
  failure.set_http_status(400);
  failure.set_cause(inference::v1::CAUSE_PREVIOUS_RESPONSE);
  failure.set_code(problem.code);
  failure.set_message(problem.message);
  failure.set_param(problem.param);
  failure.set_body(openai_responses::EncodeError(problem).body);
  failure.set_body_kind(inference::v1::BODY_KIND_JSON);
  failure.set_body_dialect("openai_responses");
  return failure;
}

}  // namespace

// One turn, or, with an empty body, the opening of a socket and nothing else.
class TurnCaller::TurnStream final : public CallStream {
 public:
  explicit TurnStream(TurnCaller& caller) : caller_(caller) {}

  Awaitable<bool> Send(const v1::CallRequest& message) override {
    if (message.has_open()) {
      open_ = message.open();
      frame_ = std::move(*open_.mutable_raw()->mutable_begin());
    }
    if (message.has_chunk()) frame_.append(message.chunk());
    co_return true;
  }

  Awaitable<bool> CloseSend() override { co_return true; }

  Awaitable<bool> Receive(v1::CallReply& reply) override {
    reply.Clear();
    if (done_) co_return false;
    if (!std::exchange(begun_, true)) co_await Begin();
    const bool opened = found_.socket != nullptr;
    if (opened && !std::exchange(head_told_, true)) {
      *reply.mutable_head() = found_.socket->opened().head();
      co_return true;
    }
    const bool opening_only = open_.raw().total_bytes() == 0;
    if (!opened || opening_only) {
      done_ = true;
      *reply.mutable_end() = std::move(found_.end);
      co_return true;
    }
    UpstreamSocket::Item item = co_await found_.socket->Next();
    if (auto* frame = std::get_if<UpstreamSocket::Frame>(&item)) {
      reply.set_chunk(std::move(*frame));
      co_return true;
    }
    done_ = true;
    if (auto* end = std::get_if<v1::End>(&item)) {
      *reply.mutable_end() = std::move(*end);
    } else {
      reply.mutable_end()->mutable_failure()->set_stage(inference::v1::FAILURE_STAGE_GATEWAY);
    }
    co_return true;
  }

  Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
  void Cancel() override { caller_.Drop(); }

 private:
  // Whoever receives has sent everything: now the socket is found, and the frame goes out. That it could not is told by
  // what is received.
  Awaitable<void> Begin() {
    found_ = co_await caller_.SocketFor(open_);
    if (!found_.socket || frame_.empty()) co_return;
    v1::Turn turn;
    turn.set_request_id(open_.request_id());
    turn.set_lease_id(open_.lease_id());
    *turn.mutable_total_timeout() = open_.total_timeout();
    co_await found_.socket->SendTurn(std::move(turn), std::move(frame_));
  }

  TurnCaller& caller_;
  v1::Open open_;
  std::string frame_;
  Found found_;
  bool begun_ = false;
  bool head_told_ = false;
  bool done_ = false;
};

TurnCaller::TurnCaller(asio::any_io_executor executor, SocketCaller& caller, Identity identity,
                       std::function<void()> on_change)
    : executor_(std::move(executor)),
      caller_(caller),
      identity_(std::move(identity)),
      on_change_(std::move(on_change)) {}

TurnCaller::~TurnCaller() { Drop(); }

Awaitable<std::unique_ptr<CallStream>> TurnCaller::Open() {
  std::unique_ptr<CallStream> stream = std::make_unique<TurnStream>(*this);
  co_return stream;
}

void TurnCaller::Drop() {
  if (dialling_) dialling_->Cancel();
  if (socket_) std::exchange(socket_, nullptr)->Cancel();
}

Awaitable<TurnCaller::Found> TurnCaller::SocketFor(v1::Open call) {
  Found found;
  const bool usable = socket_ && socket_->alive() && socket_->account() == call.account();
  if (usable) {
    found.socket = socket_;
    co_return found;
  }
  if (!previous_.empty()) {
    *found.end.mutable_failure() = PreviousLost(previous_);
    co_return found;
  }
  Drop();
  v1::SocketOpen open;
  open.set_request_id(call.request_id());
  open.set_lease_id(call.lease_id());
  open.set_account(call.account());
  open.set_provider(call.provider());
  open.set_credential_version(call.credential_version());
  open.set_dialect(identity_.dialect);
  open.set_session_id(identity_.session_id);
  if (call.has_caller_login()) *open.mutable_caller_login() = std::move(*call.mutable_caller_login());
  open.set_traceparent(identity_.traceparent);
  SetDuration(identity_.open_timeout, open.mutable_open_timeout());
  for (const auto& [name, value] : identity_.forwarded_headers) {
    auto& header = *open.add_forwarded_headers();
    header.set_name(name);
    header.set_value(value);
  }
  std::unique_ptr<SocketStream> stream = co_await caller_.OpenSocket();
  const auto dialled = std::make_shared<UpstreamSocket>(executor_, std::move(stream), on_change_);
  dialling_ = dialled;
  const bool opened = co_await dialled->Open(std::move(open));
  dialling_.reset();
  if (opened) {
    socket_ = dialled;
    found.socket = dialled;
    co_return found;
  }
  declined_ = dialled->opened().failure().http_status() == 426;
  *found.end.mutable_failure() = dialled->opened().failure();
  *found.end.mutable_rate_limits() = dialled->opened().rate_limits();
  co_return found;
}

}  // namespace patchbay::frontend
