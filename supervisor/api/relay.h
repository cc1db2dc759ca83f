// The supervisor's way to its workers: it forwards what operators ask of it, as bytes, so that an operator
// needs one address; and it asks a few things itself.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "lib/rpc/channel.h"
#include "lib/rpc/server.h"
#include "patchbay/accounts/v1/account_admin.grpc.pb.h"
#include "supervisor/supervisor.h"

namespace patchbay::supervisor {

class Relay {
 public:
  // How long a request waits for accounts to come back, how long accounts may take to answer (a token refresh asks the
  // provider), and how long a status page waits for its numbers.
  static constexpr std::chrono::seconds kBackPatience{5};
  static constexpr std::chrono::seconds kAnswerTimeout{60};
  static constexpr std::chrono::milliseconds kStatusTimeout{500};

  Relay(rpc::Reactor& reactor, Supervisor& supervisor, const Secret& supervisor_token);

  // Answers for accounts (AccountAdmin, Models) and for the frontend (Recorder) on `server`.
  void Serve(rpc::Server& server);

  // The pool in numbers; empty while accounts is away.
  Awaitable<accounts::v1::GetPoolReply> Pool();

  // First start: when no client key was ever made, makes one and shows it once if a person is looking at `stdout`;
  // otherwise logs how to make one.
  Awaitable<void> OfferFirstKey();
  // Called when that has made one, with how it ended.
  void OnFirstKey(std::function<void(const std::string& outcome)> callback) { on_first_key_ = std::move(callback); }

 private:
  Awaitable<Result<grpc::ByteBuffer>> Forward(rpc::CallInfo call, grpc::ByteBuffer request);
  // kUnavailable when accounts does not serve within `patience`.
  Awaitable<Result<void>> WaitForAccounts(std::chrono::milliseconds patience);

  rpc::Reactor& reactor_;
  Supervisor& supervisor_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub generic_;
  std::shared_ptr<grpc::Channel> frontend_channel_;
  grpc::GenericStub frontend_;
  std::unique_ptr<accounts::v1::AccountAdmin::Stub> stub_;
  std::function<void(const std::string&)> on_first_key_;
};

}  // namespace patchbay::supervisor
