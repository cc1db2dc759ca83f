// Where to listen, as an operator writes it: "HOST:PORT", "[v6]:PORT", ":PORT". The one grammar of the configuration
// and of the command lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::wire {

struct ListenAddress {
  std::string host;  // an IP address or "localhost"; empty means every interface
  std::uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "*:8080" and ":8080" (every interface). Other names are refused:
// which of its addresses would be meant is not ours to guess.
Result<ListenAddress> ParseListenAddress(std::string_view text);
std::string FormatListenAddress(const ListenAddress& address);

}  // namespace patchbay::wire
