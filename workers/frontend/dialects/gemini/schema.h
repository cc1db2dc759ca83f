// Schemas of Gemini requests → JSON Schema as providers take it. Pure.
//
// Gemini's own form is OpenAPI's: upper-case types, `nullable`, numbers in strings (client-protocols E.3). Clients put
// it under the JSON Schema names too (real-clients §4), so both are read the same way, and what is JSON Schema already
// stays as it is.
#pragma once

#include <boost/json/value.hpp>

namespace patchbay::frontend::gemini {

void ConvertSchema(boost::json::value& schema);

// How the answer is taken out of the object that was put around its schema.
enum class Wrapping { kNone, kJson, kText };

// Providers want an object at the root of an answer's schema; Gemini takes an array, a string or an enum as well.
// True when `schema` was put under "value" of an object.
bool WrapRoot(boost::json::value& schema);

// Whether a strict schema can say the same: nothing is used that those do not have, and no map of free names.
bool CanBeStrict(const boost::json::value& schema);

}  // namespace patchbay::frontend::gemini
