// Tools whose schema Anthropic's models know by heart: `bash_20250124`, `text_editor_20250728`, `memory_20250818`. For
// other providers they become functions with that schema written out.
#pragma once

#include <optional>
#include <string_view>

namespace patchbay::frontend::anthropic {

struct ClientTool {
  std::string_view description;
  std::string_view parameters_json;
};

// By the tool's `type`, whatever its date; nothing for other types.
std::optional<ClientTool> FindClientTool(std::string_view type);

}  // namespace patchbay::frontend::anthropic
