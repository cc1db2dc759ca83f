// Bodies as a provider compresses them: piece by piece, each of which can be read as soon as it is there.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace patchbay::sim {

class Compressor {
 public:
  // "gzip" or "zstd"; null for anything else.
  static std::unique_ptr<Compressor> Create(std::string_view coding);
  virtual ~Compressor() = default;

  // The bytes for `piece`, flushed; with `last` also the end of the body.
  virtual std::string Add(std::string_view piece, bool last) = 0;
};

// A whole body at once. `coding` must be one of those.
std::string Compressed(std::string_view coding, std::string_view body);

}  // namespace patchbay::sim
