// The items of `input` in the form in which every backend takes them, and may be told them again.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses {

// How much of an unknown id an error message tells back.
inline constexpr std::size_t kMaxShownIdBytes = 64;

struct NormalizedInput {
  std::string items;       // "{…},{…}": as they are to go out
  bool changed = false;    // whether that differs from what came
  std::string first_turn;  // the first user message
  std::vector<std::string> repaired;
  std::map<std::string, std::string> references;  // items that were referred to, by their ids
};

// `input` is the JSON text of a string or an array. References to items are looked up in `stored`, which may be null.
Result<NormalizedInput> NormalizeInput(std::string_view input, ClientResponses* stored);

// What is between the brackets of an array's text, without the space around it; empty for an empty array.
std::string_view ItemsOf(std::string_view array);
// "[{…},{…}]" out of such pieces, some of which may be empty.
std::string JoinItems(const std::vector<std::string_view>& pieces);

// Output items as they may be said again on the next turn: without reasoning that was not sealed.
std::string RepeatableItems(std::string_view output_array);

// What the backend's ids of such items begin with: "msg_"; empty for a type that we do not know.
std::string_view IdPrefix(std::string_view type);

}  // namespace patchbay::frontend::openai_responses
