// The gateway's models as Ollama lists them (client-protocols §F.5). Pure.
#pragma once

#include <string>
#include <string_view>

#include "patchbay/gateway/v1/gateway.pb.h"

namespace patchbay::ollama {

// The body of GET /api/tags. A model that has no tag in its name gets ":latest", as Ollama gives it.
// `digest` is the SHA-256 of the name: stable, and different for different models, which is all that clients use it
// for.
std::string EncodeTags(const gateway::v1::ListModelsReply& models);

// The body of GET /api/version.
std::string EncodeVersion(std::string_view version);

// Ollama's error shape: {"error": "…"}.
std::string EncodeError(std::string_view message);

}  // namespace patchbay::ollama
