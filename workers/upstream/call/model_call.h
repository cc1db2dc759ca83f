// One model call: request in, provider asked, reply out.
//
//   Open ▸ body ▸ credential ▸ encode ▸ round trip ▸ Head ▸ (Events | Chunk)* ▸ End
//
// The provider answers with an event stream, or, on some routes of raw bodies, with one JSON document.
//
// A call that failed at the provider is an answered RPC: End tells where and how. Errors of the RPC
// itself are the caller's mistakes. The next socket read begins when the previous message has been
// accepted by gRPC, so a slow reader slows the provider down and nothing piles up here.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "lib/rpc/stream.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/call/context.h"
#include "workers/upstream/call/outgoing.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/translation.h"
#include "workers/upstream/transport/http1/round_trip.h"

namespace patchbay::upstream {

// An error event is held back until it is whole, so that no secret of ours passes in two pieces; this far, since no
// honest one is larger.
inline constexpr std::size_t kMaxHeldBackBytes = std::size_t{256} << 10;
// After the terminal event the body should end at once; no call waits longer for it, whatever still trickles in.
inline constexpr std::chrono::milliseconds kEndGrace{250};

using CallStream = rpc::Stream<v1::CallReply, v1::CallRequest>;

class ModelCall {
 public:
  // Both must outlive the call.
  ModelCall(const CallContext& context, CallStream& stream);

  Awaitable<Result<void>> Run();
  // Ends the call at once: the provider's socket is closed.
  void Cancel();

 private:
  Awaitable<Result<void>> ReceiveOpen();
  Awaitable<Result<void>> ReceiveBody();
  // Fills body_; false when the provider would only refuse it: then End's failure says so.
  bool EncodeBody();
  HttpRequest MakeRequest();
  Awaitable<Result<void>> Answer();
  void FillHead();
  Awaitable<bool> SendKnown();
  Awaitable<void> ReadErrorReply();
  // The body of a 2xx reply, passed on. False: our caller has gone.
  Awaitable<bool> PassEvents();
  Awaitable<bool> PassBytes();
  bool Documents() const { return route_ != nullptr && route_->answer == RawRoute::Answer::kDocument; }
  // Whether the head promises what we asked for.
  bool IsAnswer(const ResponseHead& head) const;
  std::unique_ptr<ResponseObserver> MakeObserver() const;
  // kProtocol once the answer turns out to be one of another dialect than the provider's row says.
  Result<void> LookAtKind(std::string_view piece);
  // Why a success is no answer: what it is instead, and which key of the row may be wrong.
  void ExplainOddAnswer(std::string_view body, inference::v1::Failure& failure) const;
  void TakeHeadFacts(WallTime now);
  void TakeSummary(const ResponseSummary& summary, Result<void> decoded);
  void TakeTransportFailure();
  // Bytes of a byte-transparent answer, for the next message; those of an unfinished error event wait in held_back_.
  void PassPiece(std::string& piece, std::size_t hold_back);
  void RedactKnown();
  Awaitable<Result<void>> SendEnd();
  void LogEnd() const;

  const CallContext& context_;
  CallStream& stream_;
  const SteadyTime began_;
  v1::Open open_;
  std::shared_ptr<const Provider> provider_;
  const RawRoute* route_ = nullptr;   // of a raw body
  std::optional<Outgoing> outgoing_;  // once the credential is there
  std::string session_;               // a UUID
  Headers forwarded_;
  EncodedCall body_;
  std::vector<std::string> repaired_;  // of a canonical request
  Timeouts timeouts_;
  RoundTrip trip_;
  AnswerKind wanted_kind_ = AnswerKind::kUnknown;
  FirstWords first_words_;
  v1::CallReply reply_;  // the next message
  std::string held_back_;
  bool misread_ = false;  // the answer is of another dialect
  v1::End end_;
  bool cancelled_ = false;
};

}  // namespace patchbay::upstream
