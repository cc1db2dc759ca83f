// The outbound SSRF guard: may we connect to this address? Judged after the name was resolved, so
// a public name that points inside is refused too.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace patchbay::upstream {

// False for loopback, private, link-local, shared, documentation, multicast and reserved ranges
// (RFC 6890 and its IANA registries), also inside IPv6 forms that carry an IPv4 address.
bool IsPublicAddress(const boost::asio::ip::address& address);

}  // namespace patchbay::upstream
