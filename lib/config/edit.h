// One setting of an operator's file, changed in place: their comments and their order are theirs. Pure.
#pragma once

#include <optional>
#include <string>

namespace patchbay::config {

// The YAML `text` with the setting at `path`, "ollama.enabled", a scalar of a section, set to `value`; `text` itself
// when it says so already. Nothing: it is written in a way that cannot be changed without changing more, or is wrong.
std::optional<std::string> WithSetting(const std::string& text, const std::string& path, const std::string& value);

}  // namespace patchbay::config
