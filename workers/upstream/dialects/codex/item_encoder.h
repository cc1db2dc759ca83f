// Conversation items → `input` entries (codex-wire §3.2). Used by request_encoder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream::codex {

// Opaque pieces of this dialect are ours to replay; of any other they mean nothing here.
inline constexpr std::string_view kRawDialect = "openai_responses";

// `bytes` once it is known to be one valid JSON object; kInvalidArgument at `where` otherwise.
Result<std::string> CheckedObject(const std::string& bytes, std::string_view where);

// Names of what could not be said are added to `ignored`.
Result<void> WriteItems(wire::JsonWriter& json, const inference::v1::GenerateRequest& request,
                        std::vector<std::string>& ignored);

}  // namespace patchbay::upstream::codex
