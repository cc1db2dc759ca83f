// How many input tokens a request will be, estimated: clients may ask, and no provider is asked.
//
// Text is cut where OpenAI's tokenisers cut it (words, numbers by three digits, runs of signs, indentation) and each
// piece is given the tokens that pieces of its kind have on average. The READMEs of the dialects that count say how far
// off that is, and a test holds it to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend {

std::int64_t EstimateTokens(std::string_view text);
std::int64_t EstimateTokens(const inference::v1::GenerateRequest& request);

// About the same in bounded time, for what is told with every answer: no more than kRoughBytes of the request's text
// are looked at, pieces of each text, and the rest is taken to be like them.
std::int64_t RoughTokens(const inference::v1::GenerateRequest& request);
inline constexpr std::size_t kRoughBytes = 4 * 1024;

}  // namespace patchbay::frontend
