// What of a request changed nothing, by the names of README.md's tables: "messages[].content[].cache_control".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend {

// No header holds more.
inline constexpr std::size_t kMaxIgnoredFields = 64;

// Names the field once, however often it stands in the request.
void NoteIgnored(std::vector<std::string>& ignored, std::string field);
// The same for every member of `object` that is not `known`; null counts as absent.
void NoteOthers(std::vector<std::string>& ignored, const JsonNode& object,
                std::initializer_list<std::string_view> known);

}  // namespace patchbay::frontend
