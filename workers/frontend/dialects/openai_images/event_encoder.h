// Canonical events → the stream of images/generations and images/edits: `image_generation.partial_image` as they come,
// then one `image_generation.completed`; of an edit `image_edit.…`.
#pragma once

#include <string>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/openai_images/image_reader.h"
#include "workers/frontend/dialects/openai_images/wire_format.h"

namespace patchbay::frontend::openai_images {

class EventEncoder {
 public:
  explicit EventEncoder(ReplyIdentity identity);

  // Appends the events that `event` causes.
  Result<void> Encode(const inference::v1::GenerateEvent& event, std::string& out);
  // Ends the stream with an error event.
  void EncodeBreak(const Problem& problem, std::string& out);

 private:
  void Append(std::string_view kind, const GeneratedImage& image, std::int64_t index, std::string& out) const;

  const ReplyIdentity identity_;
  bool ended_ = false;
  std::string out_;  // the caller's buffer, while a call lasts
  ImageReader reader_;
};

}  // namespace patchbay::frontend::openai_images
