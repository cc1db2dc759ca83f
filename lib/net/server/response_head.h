// A response's status line and header fields as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/net/http_message.h"

namespace patchbay::net::server {

// What we call ourselves in every head.
inline constexpr std::string_view kServerName = "patchbay";

// How the client learns where the body ends.
enum class Framing {
  kLength,   // Content-Length
  kChunked,  // chunks, HTTP/1.1
  kClose,    // the end of the connection, HTTP/1.0
  kNone,     // statuses that have no body at all: 1xx, 204, 304
};

struct ResponseHead {
  int status = 200;
  int request_version = 11;
  bool keep_alive = true;
  Framing framing = Framing::kLength;
  std::uint64_t length = 0;
  std::string_view date;  // an IMF-fixdate
};

void AppendResponseHead(std::string& out, const ResponseHead& head, const HttpHeaders& headers);

// `Connection: close` among the headers of a handler.
bool WantsClose(const HttpHeaders& headers);

// Statuses whose responses have no body whatever their headers say (RFC 9110 §6.4.1).
constexpr bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace patchbay::net::server
