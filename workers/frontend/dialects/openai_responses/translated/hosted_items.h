// Items of tools that the provider runs itself, both ways.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::openai_responses::translated {

// `web_search_call` and `image_generation_call` of a conversation; false for any other type.
Result<bool> DecodeHostedItem(const JsonNode& item, std::string_view type, inference::v1::Item& out);

// The type that such an item has in an answer; empty when it has none here.
std::string TypeOfHosted(const inference::v1::HostedToolItem& tool);
// The item as it stands in an answer.
std::string HostedItemJson(const inference::v1::HostedToolItem& tool, std::string_view id, bool done);

// `json` is an object: the same with this id.
std::string WithId(std::string json, std::string_view id);

}  // namespace patchbay::frontend::openai_responses::translated
