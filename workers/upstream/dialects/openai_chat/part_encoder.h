// The parts of a message → `content`. Used by message_encoder.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/openai_chat/message_encoder.h"

namespace patchbay::upstream::openai_chat {

// A plain string when all is text: every host reads that. Else a list of parts.
Result<void> WriteContent(wire::JsonWriter& json, const google::protobuf::RepeatedPtrField<inference::v1::Part>& parts,
                          Notes& notes);

// Those pictures and files behind a text.
void WriteMedia(wire::JsonWriter& json, std::string_view text, const std::vector<const inference::v1::Part*>& media,
                Notes& notes);

}  // namespace patchbay::upstream::openai_chat
