// A client's name for a model, on its way to accounts. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::frontend {

// As it is when it can be a name at all. Else what a message can show of it: a message between processes holds no bytes
// that are not UTF-8, and nobody needs a megabyte to say that there is no such model.
std::string SendableName(std::string_view name);

}  // namespace patchbay::frontend
