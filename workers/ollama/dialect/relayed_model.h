// The name of the model in a request of another protocol, which the bridge passes on without reading it otherwise.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::ollama {

// Where the tag ":latest" stands in the "model" of a JSON object, for whoever takes it out of the bytes. Nothing: the
// name has no such tag, or these bytes are no object that has one name. The bytes stay; room may be made behind them.
struct TaggedModel {
  std::string_view name;  // with the tag
  std::size_t tag_at = 0;
  std::size_t tag_size = 0;
};
std::optional<TaggedModel> FindTaggedModel(std::string& body);

}  // namespace patchbay::ollama
