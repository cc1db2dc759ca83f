// Bodies out of their Content-Encoding (RFC 9110 §8.4), as they arrive. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::wire {

// One body, once. Whatever has come can be read at once: nothing is held back until more of it is there.
class ContentDecoder {
 public:
  // For "gzip", "x-gzip", "deflate" and "zstd", in any case; anything else, and any combination, is kUnsupported.
  static Result<std::unique_ptr<ContentDecoder>> Create(std::string_view coding);
  virtual ~ContentDecoder() = default;

  // Appends what the bytes say. kTooLarge when `out` would become longer than `max_bytes`, so a bomb costs no more than
  // an honest body; kInvalidArgument for bytes that are not what the coding says. After an error the decoder is spent.
  virtual Result<void> Feed(std::string_view bytes, std::string& out, std::size_t max_bytes) = 0;
  // The end of the body: kInvalidArgument when the compressed data is cut.
  virtual Result<void> Finish() = 0;
};

}  // namespace patchbay::wire
