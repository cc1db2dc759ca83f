// HTTP/1.1 responses, incrementally: bytes in, a head, then body bytes (Beast's parser inside).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

inline constexpr std::size_t kMaxResponseHeadBytes = std::size_t{64} << 10;
// 1xx heads that may precede the response.
inline constexpr int kMaxInformationalHeads = 8;

class ResponseParser {
 public:
  ResponseParser();
  ~ResponseParser();

  // Body bytes, unchunked, are appended to `body`. kProtocol when the bytes are no HTTP response,
  // kTooLarge for an endless head.
  Result<void> Feed(std::string_view bytes, std::string& body);
  // The connection ended. kProtocol when the response needed more.
  Result<void> FeedEnd();

  bool head_done() const { return head_done_; }
  bool done() const;
  const ResponseHead& head() const { return head_; }
  // Another request may follow on this connection. Only meaningful when done.
  bool reusable() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  ResponseHead head_;
  std::string pending_;  // bytes that were too few to mean anything yet
  bool head_done_ = false;
  bool left_over_ = false;  // something followed the response
  int informational_ = 0;
};

}  // namespace patchbay::upstream
