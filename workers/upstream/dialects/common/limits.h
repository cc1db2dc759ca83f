// What a provider takes in a request, as its dialect states it: fit_request.h makes a request fit. Whoever states
// nothing takes everything.
#pragma once

#include <cstddef>
#include <limits>

namespace patchbay::upstream {

inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

enum class Alphabet {
  kAny,
  kWord,          // A-Z a-z 0-9 _ -
  kAlphanumeric,  // A-Z a-z 0-9
};

// Names and ids that the provider takes as they are; others get a form that it takes, and are restored in the answer.
struct IdentifierRule {
  Alphabet alphabet = Alphabet::kAny;
  std::size_t bytes_min = 0;
  std::size_t bytes_max = kUnbounded;
};

// Which JSON Schemas may stand in a request.
enum class SchemaRules {
  kAny,
  // lib/schema/tool_schema.h for tools, which are not strict; of answers any.
  kTools,
  // The same for tools, an object at the root of an answer, and strict mode (strict_schema.h).
  kOpenAi,
};

struct RequestLimits {
  IdentifierRule tool_names;
  IdentifierRule call_ids;
  // Two calls of one conversation may not have the same id.
  bool unique_call_ids = false;

  SchemaRules schemas = SchemaRules::kAny;
  // "Answer in JSON" is taken only from a conversation that speaks of JSON.
  bool json_must_be_mentioned = false;

  // How many stop sequences it knows; more than that are looked for in the answer here. What it says behind one is read
  // and counted, not told.
  std::size_t stops_max = kUnbounded;

  // A file that is sent along must have a name.
  bool files_have_names = false;
  // Longer keys of the prompt cache are left out, and the session stands in for them.
  std::size_t cache_key_bytes_max = kUnbounded;
};

}  // namespace patchbay::upstream
