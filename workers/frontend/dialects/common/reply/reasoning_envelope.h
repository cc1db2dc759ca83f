// The envelope in which a client keeps reasoning that a provider sealed or signed, with whose it is, and plays it back
// on the next turn: what one dialect calls a signature and another a thought signature. Only the same provider is shown
// it again (upstream sees to that).
//
// The text is base64 of a tag and the items. It is not secret and not signed: what a client changes in it, the provider
// refuses. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend {

// Whether somebody has to be shown it as it is, or not at all.
bool IsSealed(const inference::v1::ReasoningItem& reasoning);

// Whether the item is reasoning that its provider may want to see again: sealed, signed, or in words.
bool IsWorthPlayingBack(const inference::v1::Item& item);

// How every envelope begins. Whoever would pass one on to a provider finds it by that.
inline constexpr std::string_view kEnvelopeHead = "cGF0Y2hiYXkx";

// `items` are worth playing back.
std::string WrapReasoning(const std::vector<inference::v1::Item>& items);

// kNotFound when the text is not of our making: another provider's signature, or a client's placeholder.
Result<std::vector<inference::v1::Item>> UnwrapReasoning(std::string_view text);

}  // namespace patchbay::frontend
