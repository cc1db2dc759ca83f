// Addresses of clients and the networks that a key may be used from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/client_keys.pb.h"

namespace patchbay::keyterms {

// As IPv6 has it: IPv4 is ::ffff:192.0.2.7, so that a client is the same by either family of a dual-stack socket.
using Address = std::array<std::uint8_t, 16>;

// "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"; a zone ("fe80::1%eth0") is left out.
std::optional<Address> ParseAddress(std::string_view text);

// As people write it: IPv4 without what maps it into IPv6. Empty for what is no address.
std::string PlainAddress(std::string_view text);

struct Network {
  Address first{};
  int bits = 128;  // of the address as above

  bool Holds(const Address& address) const;
};

// An address, or a network: "10.0.0.0/8", "fd00::/8". Bits behind the prefix must be 0: they are somebody's mistake.
Result<Network> ParseNetwork(std::string_view text);

// Whether a client at `source` may use a key of these terms. A Unix socket has no address and may.
bool AllowsSource(const accounts::v1::KeyTerms& terms, std::string_view source);

}  // namespace patchbay::keyterms
