// Where hosts of the Responses API differ from OpenAI (providers §3). A provider's row names its quirks in these words;
// one that names none takes all that OpenAI takes.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

namespace patchbay::upstream::openai_responses {

struct Quirks {
  bool functions_only = false;     // knows neither tools of free text nor namespaces of tools
  bool no_metadata = false;        // refuses it, even empty
  bool no_search_sources = false;  // refuses to be asked for what a search found
};

// The words must be among those above; the loader of rows has seen to it (lib/catalog).
Quirks ReadQuirks(const google::protobuf::RepeatedPtrField<std::string>& words);

}  // namespace patchbay::upstream::openai_responses
