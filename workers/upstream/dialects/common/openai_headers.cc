#include "workers/upstream/dialects/common/openai_headers.h"

#include <algorithm>
#include <iterator>

namespace patchbay::upstream {

bool IsOpenAiHeader(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"x-ratelimit-"};
  constexpr std::string_view kNames[] = {"content-type",   "openai-model", "openai-processing-ms",
                                         "openai-version", "retry-after",  "x-request-id"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](auto prefix) { return name.starts_with(prefix); }) ||
         std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool IsOpenAiQuotaHeader(std::string_view name) { return name.starts_with("x-ratelimit-"); }

}  // namespace patchbay::upstream
