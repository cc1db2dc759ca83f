// Who a certificate of ours is for, as it says itself: a URI among its alternative names. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/roster/roster.h"

namespace patchbay::pki {

struct Identity {
  roster::Role role = roster::Role::kNone;
  std::string name;
  bool operator==(const Identity&) const = default;
};

// The DNS name that only the gateway's own certificate has: by it clients know that they talk to the gateway and to
// none of its clients, whatever the address was that they dialled.
inline constexpr char kGatewayName[] = "gateway.patchbay.internal";

// "patchbay:gateway/ollama/kitchen".
std::string UriOf(const Identity& identity);
// kUnauthenticated for another one, and for a role that no certificate can have.
Result<Identity> ParseUri(std::string_view uri);
// The roles of certificates by their names: "ollama", "program". Nothing for another.
Result<roster::Role> ParseRole(std::string_view word);

}  // namespace patchbay::pki
