// What both ends of a local connection agree on.
#pragma once

#include <utility>

namespace patchbay::rpc {

// Metadata key of the role token.
inline constexpr char kRoleMetadata[] = "patchbay-role";

// Measured on Unix sockets (feasibility §1): without bandwidth probing and with a fixed window a
// stream of small messages costs 1.7× less, and a stalled reader holds 34–60 KB instead of 290.
inline constexpr std::pair<const char*, int> kLocalSocketArguments[] = {
    {"grpc.http2.bdp_probe", 0},
    {"grpc.http2.lookahead_bytes", 1 << 20},
    {"grpc.http2.max_frame_size", 1 << 20},
    {"grpc.max_metadata_size", 64 << 10},
};

}  // namespace patchbay::rpc
