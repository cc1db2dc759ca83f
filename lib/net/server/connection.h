// One client's connection: reads heads, runs handlers one after another, watches for the client's
// leaving meanwhile, writes with a timeout. Internal to lib/net.
//
// Over TLS the handshake comes first: kHandshake ──done──▶ kFresh. It is the one difference that the phases know; below
// them, Receive and TrySend take the bytes from the session or from the socket.
//
//   kFresh ──first byte──▶ kHead ──whole head──▶ kHandling ──answered──▶ kIdle ──next byte──▶ kHead …
//   any of them ──▶ kClosing ──▶ gone
//
// One operation waits for the socket to become readable at nearly all times; whoever is responsible in
// the current phase then reads: the coroutine itself, or, while a handler runs that does not read its body,
// ReadAhead, which keeps pipelined bytes within a bound and notices the client's end.
#pragma once

#include <sys/uio.h>

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/server/request_parser.h"
#include "lib/net/server/state.h"
#include "lib/net/server/tls_session.h"

namespace patchbay::net::server {

class Exchange;

// Pieces to be written as one.
class OutBuffers {
 public:
  void Add(std::string_view bytes) {
    if (bytes.empty()) return;
    pieces_[count_++] = {const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg only reads
  }
  iovec* data() { return pieces_.data() + first_; }
  std::size_t count() const { return count_ - first_; }
  void Consume(std::size_t bytes);

 private:
  std::array<iovec, 5> pieces_;
  std::size_t first_ = 0, count_ = 0;
};

class Connection final : public ListHook, public std::enable_shared_from_this<Connection> {
 public:
  struct Accepted {
    int fd;  // a connected non-blocking stream socket, which the connection takes over
    int family;
    std::string remote_address;
    bool refused;
    ListenerOptions listener;
  };
  Connection(std::shared_ptr<State> state, Accepted accepted);
  ~Connection();

  // The connection's life. Its caller holds the connection until it ends.
  Awaitable<void> Run();
  // The life of a connection over the limit: 503 and goodbye.
  Awaitable<void> Refuse();

  // Called by the state's tick.
  bool Expired(SteadyTime now) const { return now >= read_deadline_ || now >= write_deadline_; }
  void OnDeadline(SteadyTime now);
  void OnDrain();
  // Cuts the connection with a reset: whatever was not sent is lost.
  void Reset();
  // Gives the socket away: this connection is over, and the caller owns the descriptor, and the session of one that
  // has TLS.
  int Release(std::unique_ptr<TlsSession>& tls);
  // Closes without ceremony; bytes already given to the kernel are still sent.
  void Close();

  // For Exchange.
  enum class Sent { kAll, kBlocked, kBroken };
  Sent TrySend(OutBuffers& buffers);
  // What TrySend left over; false: the client is gone or took nothing for the write timeout.
  Awaitable<bool> SendRest(OutBuffers& buffers);
  // Reads the current request's body into `decoder`.
  Awaitable<Result<void>> ReadBody(BodyDecoder& decoder);
  RequestParser& parser() { return *parser_; }
  State& state() { return *state_; }
  // Of the response about to begin: whether another request may follow it. Decides also about the unread body.
  bool MayKeepAlive() const;
  // Whether the head said so, or the body's end is the connection's end.
  void CloseAfterResponse(bool close) { close_after_ = close; }
  bool has_unread_bytes();
  bool closed() const { return closed_ || broken_; }
  bool shaking_hands() const { return phase_ == Phase::kHandshake; }

 private:
  enum class Phase { kFresh, kHandshake, kIdle, kHead, kHandling, kClosing };
  enum class Received { kSome, kNothing, kEnd };

  // A suspended coroutine.
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void Resume() = 0;
  };

  // False: there is no session, and the connection is to be closed.
  Awaitable<bool> Handshake();
  Awaitable<bool> ShakeHands(std::string& why);
  void EndHandshake();
  // To a client that speaks in clear where TLS is spoken.
  Awaitable<void> TellHttps();
  // False: there is no request to handle, and the connection is to be closed.
  Awaitable<bool> ReadHead(std::shared_ptr<Exchange> exchange);
  Awaitable<void> Handle(std::shared_ptr<Exchange> exchange);
  // Throws away the rest of a body that the handler did not want.
  Awaitable<bool> SkipBody();
  // Answers by itself and closes.
  Awaitable<void> Answer(int status, std::string_view message, int version);
  // Sends the FIN and reads on for a while, so that a client still sending its request gets to read the answer
  // instead of a reset (RFC 9112 §9.6).
  Awaitable<void> LingeringClose();

  void Watch();
  void OnReadable(const boost::system::error_code& code);
  void ReadAhead();
  // Waits until there is something to receive. False: deadline, drain of an idle connection, or closed.
  Awaitable<bool> WaitReadable();
  // Into the state's scratch; at most `most` bytes.
  Received Receive(std::size_t most, std::string_view& bytes);
  Received ReceiveDecrypted(std::size_t most, std::string_view& bytes);
  Sent TrySendEncrypted(OutBuffers& buffers);
  // What comes first on a new connection, left where it is; -1 when the client has left.
  int PeekByte();
  // Nothing more is sent.
  void EndSending();
  // Puts what was received behind what was left over: `in_` when there is any, else the scratch itself.
  std::string_view Gather(std::string_view received);
  // Keeps `bytes` (a part of what Gather gave) for later.
  void Keep(std::string_view bytes);
  // Lets the coroutine look again, from the event loop and not from within the caller.
  void Wake();
  void SetDeadline(std::chrono::milliseconds delay);
  void ClearDeadline() { read_deadline_ = SteadyTime::max(); }

  const std::shared_ptr<State> state_;
  Executor executor_;
  asio::basic_stream_socket<asio::generic::stream_protocol, Executor> socket_;
  const std::string remote_address_;
  const bool refused_;
  const std::size_t listener_;
  const std::shared_ptr<const TlsContext> tls_context_;  // null on a plain listener
  std::unique_ptr<TlsSession> tls_;                      // from the beginning of the handshake
  std::unique_ptr<Waiter> waiter_;                       // the coroutine, while it waits for readability

  Phase phase_ = Phase::kFresh;
  std::optional<RequestParser> parser_;  // of the current request
  Exchange* exchange_ = nullptr;         // the current one, while its handler runs
  std::string in_;                       // received and not consumed yet
  SteadyTime read_deadline_ = SteadyTime::max();
  SteadyTime write_deadline_ = SteadyTime::max();
  SteadyTime idle_since_;
  bool watching_ = false;      // an operation waits for readability
  bool reading_body_ = false;  // the handler's coroutine reads, so ReadAhead does not
  bool timed_out_ = false;
  bool eof_ = false;
  bool broken_ = false;  // the socket reported an error
  bool closed_ = false;
  bool close_after_ = false;
  bool body_failed_ = false;  // reading the body failed somewhere in it, so its end is unknown
};

}  // namespace patchbay::net::server
