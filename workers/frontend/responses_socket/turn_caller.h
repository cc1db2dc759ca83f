// Makes the commit-point engine serve sockets: one turn is one call, whose stream is made of the provider's frames.
//
//   engine ── Open ─▶ TurnStream ── the account's socket, dialled when there is none ─▶ UpstreamSocket
//
// The client's socket is bound to one provider's socket at a time. A turn that repeats the whole conversation may move
// to another account: its socket is dialled, the old one is closed. A turn that continues a response stays where that
// response is remembered, or fails as `previous_response_not_found`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "workers/frontend/dialects/dialect.h"
#include "workers/frontend/engine/upstream_caller.h"
#include "workers/frontend/responses_socket/upstream_socket.h"

namespace patchbay::frontend {

class TurnCaller final : public UpstreamCaller {
 public:
  // What every socket of this client is opened with.
  struct Identity {
    std::string dialect;
    std::string session_id;
    std::string traceparent;
    HeaderList forwarded_headers;
    std::chrono::milliseconds open_timeout{15'000};
  };

  TurnCaller(asio::any_io_executor executor, SocketCaller& caller, Identity identity, std::function<void()> on_change);
  ~TurnCaller() override;

  // The next call continues this response; empty: it stands by itself.
  void Continue(std::string previous_response_id) { previous_ = std::move(previous_response_id); }
  Awaitable<std::unique_ptr<CallStream>> Open() override;

  // Null when none was dialled, or the last one was dropped.
  const std::shared_ptr<UpstreamSocket>& socket() const { return socket_; }
  // Closes the provider's socket, if there is one.
  void Drop();
  // The provider that was asked last does not offer the transport now (426 at its upgrade).
  bool declined() const { return declined_; }

 private:
  class TurnStream;
  struct Found {
    std::shared_ptr<UpstreamSocket> socket;
    upstream::v1::End end;  // of the call, when there is none
  };
  Awaitable<Found> SocketFor(upstream::v1::Open call);

  asio::any_io_executor executor_;
  SocketCaller& caller_;
  const Identity identity_;
  const std::function<void()> on_change_;
  std::string previous_;
  std::shared_ptr<UpstreamSocket> socket_;
  std::shared_ptr<UpstreamSocket> dialling_;
  bool declined_ = false;
};

}  // namespace patchbay::frontend
