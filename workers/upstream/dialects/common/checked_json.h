// JSON from a client that goes out as it is, inside a body of ours: a schema, a tool's options, an opaque item. A
// provider would refuse the whole request for it, with words that name nothing the client knows.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::upstream {

// The text, when it is one valid object: with room behind it to be edited. Else kInvalidArgument, the client's; `where`
// names the piece.
Result<std::string> CheckedObject(std::string_view bytes, std::string_view where);
// The same for one value of any kind.
Result<std::string> CheckedValue(std::string_view bytes, std::string_view where);

}  // namespace patchbay::upstream
