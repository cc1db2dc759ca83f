// JSON schemas for answers that must fit them (OpenAI's strict mode), out of what clients really send.
//
// Strict mode wants every object closed and every property required, and knows neither tuples nor `nullable`. What can
// be said in its words is said in them; where that changes the shape of the answer, the answer is changed back:
//
//   additionalProperties absent        → false
//   "nullable": true (OpenAPI)         → a type with null
//   a property that is not required    → required and nullable; a null for it is left out of the answer
//   prefixItems, or items as a list    → an object with the members "0", "1", …; an array again in the answer
//
// Everything else stays as it is, so that the provider can say what it does not like. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::frontend {

struct StrictSchema {
  std::string json;
  bool changed = false;
  bool restores = false;  // the answer has another shape: RestoreAnswer is needed
};

// `schema_json` is a JSON object. kInvalidArgument when it is none.
Result<StrictSchema> PrepareStrictSchema(std::string_view schema_json);

// An answer to the prepared schema → one to the client's. What is no JSON is returned as it is.
std::string RestoreAnswer(std::string_view answer, std::string_view schema_json);

}  // namespace patchbay::frontend
