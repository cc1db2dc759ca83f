// Schemas that an answer must fit (OpenAI's strict mode), out of what clients really send.
//
// Strict mode wants an object at the root, every object closed and every property required, and knows neither tuples
// nor `nullable`. What can be said in its words is said in them; where that changes the shape of the answer, the answer
// is changed back (answer_shape.h):
//
//   a root that is no object           → an object with the member "value"
//   additionalProperties absent        → false
//   "nullable": true (OpenAPI)         → a type with null
//   a property that is not required    → required and nullable; a null for it is left out of the answer
//   prefixItems, or items as a list    → an object with the members "0", "1", …; an array again in the answer
//
// Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace patchbay::upstream {

// The member that holds the answer where its schema had to be put into an object.
inline constexpr std::string_view kWrapped = "value";

// True when `schema` was put under kWrapped of an object.
bool WrapRoot(boost::json::value& schema);

// Whether strict mode can say the same: nothing is used that it does not have, and no map of free names.
bool CanBeStrict(const boost::json::value& schema);

struct MadeStrict {
  bool changed = false;
  bool restores = false;  // the answer has another shape
};

// `schema` is an object that can be strict.
MadeStrict MakeStrict(boost::json::value& schema);

}  // namespace patchbay::upstream
