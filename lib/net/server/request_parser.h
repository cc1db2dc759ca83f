// Bytes to request heads and bodies: a small face on Beast's parser, which stays in the .cc file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "lib/base/result.h"
#include "lib/net/http_message.h"

namespace patchbay::net::server {

class BodyDecoder;

// Why a head was refused, and the status that says so.
struct Refusal {
  int status = 400;
  std::string_view message;
};

// Parses one request. A new one for each.
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  // How many bytes the head takes at the start of `bytes` (with empty lines before it, RFC 9112 §2.2), 0 when its
  // end has not arrived. `scanned` spares looking twice: keep it, from 0, while the same head grows.
  static std::size_t HeadSize(std::string_view bytes, std::size_t& scanned);

  // `head` is exactly a head. Fills `request`; nullopt when it is good.
  std::optional<Refusal> ParseHead(std::string_view head, HttpRequest& request);

  // Consumes body bytes into `decoder` until the body ends or `bytes` do. Gives how many were consumed; the rest must
  // come again, in front of what arrives next (or, when body_done, belongs to the next request).
  Result<std::size_t> ParseBody(std::string_view bytes, BodyDecoder& decoder);
  // The same with nobody interested in the body.
  Result<std::size_t> SkipBody(std::string_view bytes);

  bool body_done() const;
  bool keep_alive() const;
  bool expects_continue() const;
  std::optional<std::uint64_t> content_length() const;
  // Bytes of the body still to come where that is known.
  std::optional<std::uint64_t> remaining() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::net::server
