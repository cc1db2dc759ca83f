// An answer that must fit a schema, out of the shape that the provider was asked for and into the client's. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::upstream {

// An answer to what MakeStrict made of the schema → one to the schema itself. What is no JSON is returned as it is.
std::string RestoreShape(std::string_view answer, std::string_view schema_json);

// What the object around an answer holds (strict_schema.h: WrapRoot); of one that was cut, the beginning of it.
std::string Unwrap(std::string_view answer);

}  // namespace patchbay::upstream
