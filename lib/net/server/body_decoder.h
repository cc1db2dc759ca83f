// Request bodies out of their Content-Encoding, as they arrive, never more than a bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"
#include "lib/wire/content_coding.h"

namespace patchbay::net::server {

class BodyDecoder {
 public:
  // For "", "identity", "gzip", "x-gzip", "deflate" and "zstd"; anything else, and any combination, is kUnsupported.
  // `max_bytes` bounds what comes out, so a bomb costs no more than an honest body.
  static Result<std::unique_ptr<BodyDecoder>> Create(std::string_view content_encoding, std::size_t max_bytes);

  // kTooLarge over the bound; kInvalidArgument for bytes that are not what the encoding says.
  Result<void> Feed(std::string_view bytes);
  // The end of the body: kInvalidArgument when the compressed data is cut.
  Result<void> Finish();

  void Reserve(std::size_t bytes) { out_.reserve(std::min(bytes, max_bytes_)); }
  std::string Take() && { return std::move(out_); }

 private:
  BodyDecoder(std::unique_ptr<wire::ContentDecoder> decoder, std::size_t max_bytes)
      : decoder_(std::move(decoder)), max_bytes_(max_bytes) {}

  const std::unique_ptr<wire::ContentDecoder> decoder_;  // null for a body as it is
  const std::size_t max_bytes_;
  std::string out_;
};

Error BodyTooLarge(std::size_t max_bytes);

}  // namespace patchbay::net::server
