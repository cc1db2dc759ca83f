// Pieces of JSON that the stream and the whole answer of the Images API have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::openai_images {

// What stays the same over one answer.
struct ReplyIdentity {
  std::int64_t created = 0;  // unix seconds
  bool edit = false;         // of images/edits: names the events of a stream
};

using inference::v1::GeneratedImage;

// "size", "quality", "background" and "output_format", where they are known.
void AppendProperties(wire::JsonWriter& json, const GeneratedImage& image);
// {"input_tokens":…,"output_tokens":…,"total_tokens":…,"input_tokens_details":{…}}
void AppendUsage(std::string& out, const inference::v1::Usage& usage);

}  // namespace patchbay::frontend::openai_images
