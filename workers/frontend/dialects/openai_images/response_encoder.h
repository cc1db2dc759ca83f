// Canonical events → one object of images/generations or images/edits: {"created","data":[{"b64_json"}],…}.
#pragma once

#include <string>

#include "workers/frontend/dialects/openai_images/image_reader.h"
#include "workers/frontend/dialects/openai_images/wire_format.h"

namespace patchbay::frontend::openai_images {

class ResponseEncoder {
 public:
  explicit ResponseEncoder(ReplyIdentity identity) : identity_(identity) {}

  Result<void> Add(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }
  // The object. kProtocol without an end; ImageReader::NoImage's error when the answer had no image.
  Result<std::string> Encode() const;

 private:
  const ReplyIdentity identity_;
  ImageReader reader_;
};

}  // namespace patchbay::frontend::openai_images
