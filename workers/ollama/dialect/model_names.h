// The gateway's models under the names that Ollama's clients use: every one has a tag. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/gateway/v1/gateway.pb.h"

namespace patchbay::ollama {

// The tag of a name that has none.
inline constexpr std::string_view kLatestTag = ":latest";

// "gpt-5.5" is "gpt-5.5:latest"; a name that has a tag keeps it.
std::string TaggedName(std::string_view id);

// As the real server writes a name out where it does not repeat what it was asked for:
// "registry.ollama.ai/library/gpt-5.5:latest".
std::string FullName(std::string_view id);

// What the gateway may know the model by that a client names, likeliest first: with and without ":latest".
std::vector<std::string> NamesFor(std::string_view asked);

// The model of either name; null when the gateway has none.
const gateway::v1::Model* FindModel(const gateway::v1::ListModelsReply& models, std::string_view asked);

// SHA-256 of the tagged name in hex: stable, and different for different models, which is all that clients use it for.
std::string DigestOf(std::string_view id);

// The part of a name that says what it is a kind of: "gpt" of "gpt-5.5".
std::string FamilyOf(std::string_view id);

}  // namespace patchbay::ollama
