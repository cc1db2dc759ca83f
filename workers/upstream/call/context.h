// What every call, socket and fetch works with, and the bounds that they share. Made in main, kept by the service.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/upstream/identity/cookies/cookies.h"
#include "workers/upstream/identity/credentials.h"
#include "workers/upstream/providers/providers.h"
#include "workers/upstream/transport/http1/round_trip.h"
#include "workers/upstream/transport/pool.h"

namespace patchbay::upstream {

// A request body, raw or encoded.
inline constexpr std::uint64_t kMaxRequestBodyBytes = std::uint64_t{128} << 20;
inline constexpr std::size_t kMaxFetchReplyBytes = std::size_t{8} << 20;
// How long a call waits for the credential that its lease was made with.
inline constexpr std::chrono::milliseconds kCredentialWait{5'000};

struct CallContext {
  asio::any_io_executor executor;
  const Clock* clock = nullptr;
  std::shared_ptr<ConnectionPool> pool;
  CredentialCache* credentials = nullptr;
  CookieJar* cookies = nullptr;
  Providers providers;
  config::v1::Upstream config;

  // The configured limits, and those of the provider's row where it has its own; `total` is counted from now.
  Timeouts CallTimeouts(const Provider& provider, std::chrono::milliseconds total) const;
};

}  // namespace patchbay::upstream
