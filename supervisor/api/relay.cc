#include "supervisor/api/relay.h"

#include <unistd.h>

#include <cstdio>

#include "lib/log/log.h"

namespace patchbay::supervisor {
namespace {

constexpr char kAccounts[] = "accounts";
constexpr const char* kOfAccounts[] = {"patchbay.accounts.v1.AccountAdmin", "patchbay.accounts.v1.Models"};
constexpr const char* kOfFrontend = "patchbay.gateway.v1.Recorder";
constexpr std::chrono::hours kFirstKeyPatience{1};
constexpr std::chrono::seconds kReadyPatience{10};

}  // namespace

Relay::Relay(rpc::Reactor& reactor, Supervisor& supervisor, const Secret& supervisor_token)
    : reactor_(reactor),
      supervisor_(supervisor),
      channel_(rpc::MakeChannel(supervisor.sockets().Find("accounts.sock")->address, supervisor_token)),
      generic_(channel_),
      frontend_channel_(rpc::MakeChannel(supervisor.sockets().Find("frontend.sock")->address, supervisor_token)),
      frontend_(frontend_channel_),
      stub_(accounts::v1::AccountAdmin::NewStub(channel_)) {}

void Relay::Serve(rpc::Server& server) {
  server.Generic({kOfAccounts[0], kOfAccounts[1], kOfFrontend}, [this](rpc::CallInfo call, grpc::ByteBuffer request) {
    return Forward(std::move(call), std::move(request));
  });
}

Awaitable<Result<void>> Relay::WaitForAccounts(std::chrono::milliseconds patience) {
  const Slot* slot = supervisor_.FindSlot(kAccounts);
  const SteadyTime deadline = supervisor_.clock().Steady() + patience;
  while (!slot->serving()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - supervisor_.clock().Steady());
    if (left.count() <= 0) {
      co_return Error(ErrorCode::kUnavailable, "the accounts worker is " + std::string(ToString(slot->phase())) +
                                                   (slot->last_exit().empty() ? "" : " (" + slot->last_exit() + ")"));
    }
    co_await supervisor_.changed().Wait(left);
  }
  co_return Result<void>();
}

Awaitable<Result<grpc::ByteBuffer>> Relay::Forward(rpc::CallInfo call, grpc::ByteBuffer request) {
  const bool of_frontend = call.method.starts_with(std::string("/") + kOfFrontend + "/");
  bool of_accounts = false;
  for (const std::string service : kOfAccounts)
    of_accounts = of_accounts || call.method.starts_with("/" + service + "/");
  if (!of_accounts && !of_frontend) co_return Error(ErrorCode::kUnsupported, "no such method: " + call.method);
  if (of_accounts) {
    CO_RETURN_IF_ERROR(co_await WaitForAccounts(kBackPatience));
  }
  grpc::GenericStub& stub = of_frontend ? frontend_ : generic_;
  co_return co_await rpc::Unary<grpc::ByteBuffer>(reactor_, kAnswerTimeout, [&](auto* context, auto* queue) {
    context->set_wait_for_ready(true);  // the socket is always there; a worker that restarts is waited for
    auto reader = stub.PrepareUnaryCall(context, call.method, request, queue);
    reader->StartCall();
    return reader;
  });
}

Awaitable<accounts::v1::GetPoolReply> Relay::Pool() {
  if (!supervisor_.FindSlot(kAccounts)->serving()) co_return accounts::v1::GetPoolReply();
  const accounts::v1::GetPoolRequest request;
  auto reply = co_await rpc::Unary<accounts::v1::GetPoolReply>(
      reactor_, kStatusTimeout,
      [&](auto* context, auto* queue) { return stub_->AsyncGetPool(context, request, queue); });
  if (!reply.ok()) co_return accounts::v1::GetPoolReply();
  co_return std::move(*reply);
}

Awaitable<void> Relay::OfferFirstKey() {
  if (!(co_await WaitForAccounts(kFirstKeyPatience)).ok()) co_return;
  // The key stands at the end of the start, where it is seen.
  const SteadyTime give_up_at = supervisor_.clock().Steady() + kReadyPatience;
  while (!supervisor_.Ready() && supervisor_.clock().Steady() < give_up_at) {
    co_await supervisor_.changed().Wait(kReadyPatience);
  }
  accounts::v1::ListClientKeysRequest list;
  list.set_include_revoked(true);
  const auto keys = co_await rpc::Unary<accounts::v1::ListClientKeysReply>(
      reactor_, kAnswerTimeout,
      [&](auto* context, auto* queue) { return stub_->AsyncListClientKeys(context, list, queue); });
  if (!keys.ok() || keys->keys_size() > 0) co_return;
  if (isatty(STDOUT_FILENO) == 0) {
    log::Info("client_keys.none",
              {{"hint", "no client can call yet; make a key with: patchbay keys create --name NAME"}});
    co_return;
  }
  accounts::v1::CreateClientKeyRequest create;
  create.set_name("default");
  const auto created = co_await rpc::Unary<accounts::v1::CreateClientKeyReply>(
      reactor_, kAnswerTimeout,
      [&](auto* context, auto* queue) { return stub_->AsyncCreateClientKey(context, create, queue); });
  if (on_first_key_) on_first_key_(created.ok() ? std::string("ok") : created.error().message);
  if (!created.ok()) {
    log::Warn("client_keys.not_created", {{"error", created.error().message}});
    co_return;
  }
  // To the terminal and nowhere else: not a log record, and never again.
  if (!supervisor_.state_doubt().empty()) std::fprintf(stdout, "\n  Note: %s\n", supervisor_.state_doubt().c_str());
  std::fprintf(stdout, "\n  Your first client key, shown only now:\n\n    %s\n\n", created->secret().c_str());
  std::fflush(stdout);
}

}  // namespace patchbay::supervisor
