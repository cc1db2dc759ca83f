// What calls say of who makes them, beside their role.
#pragma once

#include <grpcpp/support/string_ref.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::rpc {

// The client keys that the metadata shows: x-patchbay-key, and what stands behind `Bearer` in authorization; none of
// them empty.
std::vector<std::string> KeysIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata);

// The address in gRPC's name of a connection's other end, without its port: "ipv4:192.0.2.7:4711",
// "ipv6:%5B2001:db8::7%5D:4711".
std::string AddressOfPeer(std::string_view peer);

}  // namespace patchbay::rpc
