// One client's WebSocket, from its upgrade to its end: the turns that come on it are run one after another, each as a
// call of the engine with a lease, a settlement and a usage row of its own.
//
// The provider's socket is dialled before the client gets its 101, so that a client whose gateway cannot serve it
// learns that by an HTTP status. Which account: the one that conversations of this client's thread are bound to.
//
// Where no provider of the client's has sockets there is none to dial: the client gets its socket all the same, and
// each turn is asked for over HTTP. So is a turn whose model only such a provider has. What they answered last is
// remembered here, so that the client can go on from it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/async/time_source.h"
#include "lib/net/http_exchange.h"
#include "workers/frontend/call/affinity.h"
#include "workers/frontend/dialects/openai_responses/socket_frames.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/quota/client_quotas.h"
#include "workers/frontend/recorder/recorder.h"
#include "workers/frontend/responses_socket/frame_writer.h"
#include "workers/frontend/responses_socket/http_turn_reply.h"
#include "workers/frontend/responses_socket/socket_life.h"
#include "workers/frontend/responses_socket/socket_reply.h"
#include "workers/frontend/responses_socket/turn_caller.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {

// What every session works with; outlives them.
struct SocketContext {
  asio::io_context& io;
  Leaser& leaser;
  SocketCaller& caller;
  Engine& engine;  // for turns that are asked for over HTTP
  async::TimeSource& time;
  ClientQuotas& quotas;
  std::shared_ptr<net::ByteBudget> budget;
  Recorder* recorder = nullptr;  // null: nobody can record
};

// Who opened the socket, and how.
struct SocketClient {
  std::string id;      // of the request that became the socket; turns are `id.1`, `id.2`, …
  std::string source;  // the client's address, as Acquire has it
  ClientKey key;
  CallerLogin caller_login;
  std::string dialect;
  HeaderList response_headers;  // of the 101
  // The key as it is by now: its terms may change while the socket is open. Empty: it stays as it is.
  std::function<ClientKey(const ClientKey&)> key_now = {};
};

class SocketSession : public std::enable_shared_from_this<SocketSession> {
 public:
  // A client gives up at 15 s (codex-wire §10.4): it should get an answer before.
  static constexpr std::chrono::milliseconds kOpenTimeout{13'000};
  // Of the conversation that turns over HTTP go on from.
  static constexpr std::size_t kMaxRememberedBytes = std::size_t{16} << 20;

  SocketSession(const SocketContext& context, SocketClient client, Settings settings);

  struct Opened {
    bool open = false;
    bool declined = false;           // the provider offers no sockets now
    std::optional<Problem> problem;  // why not
    std::string account_label;
  };
  // Finds an account and dials its provider. Nothing has been answered to the client when it returns.
  Awaitable<Opened> Dial(std::shared_ptr<net::HttpExchange> exchange);
  // Upgrades and serves until the socket is closed. After a successful Dial. The value is the number of turns.
  Awaitable<int> Serve(std::shared_ptr<net::HttpExchange> exchange);
  // No further turn; closes when the running one is over.
  void Drain();

 private:
  CallSpec SpecFor(std::string request_id) const;
  Awaitable<void> Listen(std::shared_ptr<SocketSession> self);
  Awaitable<void> RunTurn(SocketLife::Frame frame);
  Awaitable<void> Answer(openai_responses::ClientFrame frame, std::string request_id);
  Awaitable<void> AnswerOverHttp(std::string text, std::string request_id);
  HeaderList HttpHeaders() const;
  void WarmUp(openai_responses::Answers answers);
  void TakeHttpOutcome(const CallOutcome& outcome, HttpTurnReply& reply);
  bool IsRemembered(const std::string& response_id) { return remembered_->Find(response_id) != nullptr; }
  void TakeOutcome(const CallOutcome& outcome, SocketReply& reply, const std::string& previous);
  // Tells the client; the turn ends without an answer.
  void Refuse(const Problem& problem);
  void BeginRecording(const std::string& request_id, std::string_view frame);
  void EndRecording(std::string_view model, std::string_view ending, std::string_view problem);
  void LogTurn(std::string_view request_id, std::string_view model, const CallOutcome& outcome, SteadyTime began,
               std::size_t bytes) const;
  void LookAtProvider();
  // The provider's headers of the handshake, as this client may see them.
  void AddProvidersHead(HeaderList& headers) const;
  std::int64_t NowInSeconds() const;
  Awaitable<void> WaitUntil(SteadyTime until);

  const SocketContext& context_;
  const SocketClient client_;
  ClientKey key_;  // of the client, as it was when the turn began
  const Settings settings_;
  openai_responses::ClientTraits traits_;
  Affinity affinity_;
  HeaderList forwarded_headers_;
  std::string traceparent_;
  std::string path_, originator_;
  std::string provider_;  // of the socket that was dialled first
  StoredResponses memory_;
  std::shared_ptr<ClientResponses> remembered_;  // what turns over HTTP answered
  bool over_http_ = false;                       // no provider's socket to be had
  std::unique_ptr<TurnCaller> caller_;
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<net::WebSocket> socket_;
  std::shared_ptr<FrameWriter> writer_;
  std::shared_ptr<Cancellation> running_;  // of the turn that runs
  RecordingPtr recording_;                 // of the turn that runs; null while nobody records
  SocketLife life_;
  async::Event wake_, listen_done_;
  int turns_ = 0;
};

}  // namespace patchbay::frontend
