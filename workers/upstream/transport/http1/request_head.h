// The head of an HTTP/1.1 request as bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "workers/upstream/transport/http_types.h"
#include "workers/upstream/transport/url.h"

namespace patchbay::upstream {

// "METHOD target HTTP/1.1", the headers, host, content-length when there is a body, and the empty line. Headers that
// could not go on the wire are left out.
std::string WriteHead(std::string_view method, std::string_view target, const Authority& authority,
                      const Headers& headers, std::size_t body_bytes);

}  // namespace patchbay::upstream
