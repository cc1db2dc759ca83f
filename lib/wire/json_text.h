// Boost.JSON's values as text that a model reads.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace patchbay::wire {

// A value's text, with numbers as people and models write them: 1.5, where Boost.JSON writes 1.5E0. For what a model
// reads, or wrote and reads again: a text that changes on its way is another text to it, and to its prompt cache.
std::string JsonText(const boost::json::value& value);
std::string JsonText(const boost::json::array& array);
std::string JsonText(const boost::json::object& object);

}  // namespace patchbay::wire
