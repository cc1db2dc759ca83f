// What the HTTP server answers by itself, before a request has a path.
#pragma once

#include <string_view>

#include "lib/net/http_server.h"

namespace patchbay::frontend {

// In the shape that most of our clients read.
net::ErrorBody BareErrorOf(int status, std::string_view message);

}  // namespace patchbay::frontend
