// What an HTTP request and the headers of a response are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::net {

// Whether a comma-separated header value holds `token`: HasToken("keep-alive, Upgrade", "upgrade").
// Tokens, like names of headers, compare without regard to case (RFC 9110 §5.1).
bool HasToken(std::string_view value, std::string_view token);

struct HttpHeader {
  std::string_view name;  // as the client wrote it
  std::string_view value;
};

// One request's head. All views point into `storage` (or, in tests, into literals), so it stays where it is.
struct HttpRequest {
  HttpRequest() = default;
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  // The first value of that name; FindAll gives every one, in order.
  std::optional<std::string_view> Find(std::string_view name) const;
  std::vector<std::string_view> FindAll(std::string_view name) const;

  std::string_view method;  // "POST"
  std::string_view target;  // as sent: "/v1/models?limit=2"
  std::string_view path;    // of the target, still percent-encoded: "/v1/models"
  std::string_view query;   // without '?': "limit=2"
  int version = 11;         // 10 or 11
  std::vector<HttpHeader> headers;
  std::string_view remote_address;  // "127.0.0.1", "::1", "unix"
  std::size_t listener = 0;         // which of the server's listening sockets it came by: ListenerOptions::id
  bool secure = false;              // by TLS

  std::string storage;
};

// Whether the client wants a WebSocket instead of an answer (RFC 6455 §4.1).
bool WantsWebSocket(const HttpRequest& request);

// Response headers. Date, Server, Connection, Content-Length and Transfer-Encoding are the server's business:
// what a handler gives under these names is ignored, except `Connection: close`, which is honoured.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// "Not Found" of 404; "" of a status that has no name.
std::string_view ReasonPhrase(int status);

}  // namespace patchbay::net
