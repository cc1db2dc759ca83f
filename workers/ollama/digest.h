// SHA-256, for the digests that Ollama's lists show. Apart, so that the dialect stays free of OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::ollama {

// 32 raw bytes.
std::string Sha256(std::string_view bytes);

}  // namespace patchbay::ollama
