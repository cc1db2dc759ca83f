// Whether a regular expression is one that OpenAI's validator takes.
//
// Schemas come with the patterns of JavaScript, and there a pattern is checked by Python's `re`: one that `re` cannot
// read ("'^\p{L}+$' is not a 'regex'") costs the whole request. What is only newer than the oldest Python in question
// (possessive quantifiers, atomic groups) counts as unreadable: a pattern too few is no harm. Pure.
#pragma once

#include <string_view>

namespace patchbay::schema {

bool IsPythonPattern(std::string_view pattern);

}  // namespace patchbay::schema
