#include "workers/upstream/dialects/openai_responses/quirks.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "lib/base/check.h"

namespace patchbay::upstream::openai_responses {
namespace {

struct HostQuirk {
  std::string_view word;
  bool Quirks::*member;
};

constexpr HostQuirk kHostQuirks[] = {
    {"functions_only", &Quirks::functions_only},
    {"no_metadata", &Quirks::no_metadata},
    {"no_search_sources", &Quirks::no_search_sources},
};

}  // namespace

Quirks ReadQuirks(const google::protobuf::RepeatedPtrField<std::string>& words) {
  Quirks quirks;
  for (const std::string& word : words) {
    const auto found = std::find_if(std::begin(kHostQuirks), std::end(kHostQuirks),
                                    [&](const HostQuirk& row) { return row.word == word; });
    PATCHBAY_CHECK(found != std::end(kHostQuirks));  // the loader knows the same words
    quirks.*(found->member) = true;
  }
  return quirks;
}

}  // namespace patchbay::upstream::openai_responses
