// Calls of the tools that the provider itself runs → canonical ones (codex-wire §6.2): what a search looked for and
// found, what an image tool made. Used by item_decoder and item_stream.
#pragma once

#include <string_view>

#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream::responses {

// An item of that type ("web_search_call") as a whole. False when the type is none of theirs: calls that the client has
// to run, and types that we do not know, are not for everybody.
bool DecodeHostedItem(std::string_view type, std::string_view json, inference::v1::HostedToolItem& item);

// `response.image_generation_call.partial_image`.
void DecodePartialImage(std::string_view json, inference::v1::HostedToolProgress& progress);

}  // namespace patchbay::upstream::responses
