// The parameters of a function, as OpenAI's validator takes them from tools that are not strict.
//
// It refuses the whole request, on every turn, for one schema of one tool that it does not like (codex-wire §3.3,
// §8.2):
//
//   a root that is no object, or has anyOf, oneOf, allOf, enum or not → an object with the properties of all branches
//   a root that is only a reference                                  → what it refers to
//   an array that does not say what is in it                         → "items": {}
//   items as a list (older drafts' tuples)                           → prefixItems
//   a pattern that its engine does not read                          → without the pattern
//   a keyword whose value is none by JSON Schema 2020-12, a reference that leads nowhere
//                                                                    → said properly where it is clear how, else left
//                                                                    out
//
// Unknown keywords pass, as they do there. Pure.
#pragma once

#include <boost/json/value.hpp>

namespace patchbay::schema {

struct Mended {
  bool changed = false;
  bool loses = false;  // the schema says less than it did
};

Mended MendToolSchema(boost::json::value& schema);
// The same for a schema that is no tool's: its root may be anything.
Mended MendSchema(boost::json::value& schema);

}  // namespace patchbay::schema
