// SHA-256, for client keys and affinity.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::frontend {

// 32 raw bytes.
std::string Sha256(std::string_view bytes);

}  // namespace patchbay::frontend
