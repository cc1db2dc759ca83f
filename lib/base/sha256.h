// SHA-256, which OpenSSL computes: its headers stay in sha256.cc, so that pure code may ask for a digest.
#pragma once

#include <string>
#include <string_view>

namespace patchbay {

// 32 raw bytes.
std::string Sha256(std::string_view bytes);

}  // namespace patchbay
