// One request and its response, as a handler sees them. An interface, so that handlers are tested
// without sockets.
#pragma once

#include <functional>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "lib/net/http_message.h"
#include "lib/net/web_socket.h"

namespace patchbay::net {

// Belongs to the thread of its server. A handler may keep it (shared_ptr) but can answer only until it
// returns: from then on every call says that the client is gone. Calls that write are made one after
// another, never two at a time.
//
// A handler that returns without having answered causes a 500; one that returns in the middle of a
// stream causes the connection to be cut, so that the client cannot take the part for the whole.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  virtual const HttpRequest& request() const = 0;

  // The whole body, decoded from its Content-Encoding (gzip, deflate, zstd). Call it at most once. Only now is
  // `100 Continue` sent, so a handler can refuse by the head alone. The string has spare capacity for wire::json.
  //   kTooLarge          more than HttpLimits::body_bytes, before or after decoding → answer 413
  //   kUnsupported       another Content-Encoding → 415
  //   kInvalidArgument   broken chunks or broken compression → 400
  //   kDeadlineExceeded  the client was too slow → 408
  //   kUnavailable       the client left
  // After an error the response still goes out, and the connection is closed behind it.
  virtual Awaitable<Result<std::string>> ReadBody() = 0;

  // Note for callers: GCC 12 cannot compile `co_await Respond(200, {{"name", "value"}}, …)`, a list of headers
  // written inside a co_await expression. Give the headers a name first.

  // The whole response. May replace a stream of which no byte was sent yet. False: the client is gone.
  virtual Awaitable<bool> Respond(int status, HttpHeaders headers, std::string body) = 0;

  // Prepares a response of unknown length; its head travels with the first bytes, in one socket write.
  virtual Awaitable<bool> StartStream(int status, HttpHeaders headers) = 0;
  // One chunk, one socket write. Empty bytes send the head if it is still unsent and nothing else. Waits
  // while the client does not read, at most the write timeout without progress. False: the client is gone.
  virtual Awaitable<bool> Write(std::string bytes) = 0;
  // The last bytes, if any, and the end of the stream, in one socket write.
  virtual Awaitable<bool> FinishStream(std::string last = {}) = 0;
  // Makes the connection a WebSocket: answers 101 with `headers`, or an error (400, 426) when the request is no valid
  // upgrade. Null: there is no socket, and the client has its answer or is gone. Either way this exchange is over; the
  // connection counts as open until the handler returns. Instead of any other response.
  virtual Awaitable<std::shared_ptr<WebSocket>> Upgrade(HttpHeaders headers, WebSocketOptions options) {
    (void)headers, (void)options;
    co_return nullptr;
  }
  // Cuts the connection now. The client sees a broken response: by the missing end of a chunked body,
  // or by a reset where the end of the connection would be the end of the body.
  virtual void Abort() = 0;

  // `callback` runs once when the client goes away before the response was finished; at once when it is already
  // gone. It must not destroy the exchange.
  //
  // A client that has merely shut down its sending side (FIN) counts as gone: until something is written, that
  // cannot be told from a client that closed, and finding out by writing would keep paid-for work running for
  // nobody. nginx treats it the same way. A handler without a callback can still answer such a client.
  virtual void OnDisconnect(std::function<void()> callback) = 0;

  // Whether a byte of the response was handed to the socket: from then on its status cannot change.
  virtual bool response_started() const = 0;
};

}  // namespace patchbay::net
