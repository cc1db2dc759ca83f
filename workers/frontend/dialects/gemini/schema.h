// Schemas of Gemini requests → JSON Schema as providers take it. Pure.
//
// Gemini's own form is OpenAPI's: upper-case types, `nullable`, numbers in strings (client-protocols E.3). Clients put
// it under the JSON Schema names too (real-clients §4), so both are read the same way, and what is JSON Schema already
// stays as it is.
#pragma once

#include <boost/json/value.hpp>

namespace patchbay::frontend::gemini {

void ConvertSchema(boost::json::value& schema);

}  // namespace patchbay::frontend::gemini
