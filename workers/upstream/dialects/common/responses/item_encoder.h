// Conversation items → `input` entries (codex-wire §3.2). Used by request_encoder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream::responses {

// Opaque pieces of this protocol are ours to replay; of any other they mean nothing here.
inline constexpr std::string_view kRawDialect = "openai_responses";

// How audio stands in a message: as a data URL, or as the public API has it.
enum class AudioForm { kUrl, kData };

// Names of what could not be said are added to `ignored`.
Result<void> WriteItems(wire::JsonWriter& json, const inference::v1::GenerateRequest& request, AudioForm audio,
                        std::vector<std::string>& ignored);

}  // namespace patchbay::upstream::responses
