// What making a schema strict and bringing an answer back from it both have to know of schemas. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>
#include <unordered_set>

namespace patchbay::upstream {

// The elements of a tuple; null for any other schema.
const boost::json::array* TupleOf(const boost::json::value& schema);
bool AllowsNull(const boost::json::value& schema);

using NameSet = std::unordered_set<std::string_view>;
// The strings of a list, as views into it; none where there is no list.
NameSet NamesIn(const boost::json::value* list);

}  // namespace patchbay::upstream
