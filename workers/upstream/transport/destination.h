// Where a connection leads, and whose it is.
#pragma once

#include <memory>
#include <string>

#include "workers/upstream/transport/tls_context.h"
#include "workers/upstream/transport/url.h"

namespace patchbay::upstream {

struct Destination {
  Authority authority;
  std::shared_ptr<TlsContext> tls;  // null for plain TCP
  bool allow_private = false;
  std::string owner;
};

}  // namespace patchbay::upstream
