// Whose traffic it is and by which way it leaves, and what may be shared because of it.
//
// Two accounts on one connection, or with one TLS session, are one client in the provider's eyes; so is one account
// that comes from two addresses. Connections and sessions are therefore filed under keys that are made of a road, and a
// key cannot be made of anything less.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/upstream/transport/tls_context.h"
#include "workers/upstream/transport/url.h"

namespace patchbay::upstream {

class Road {
 public:
  Road() = default;  // nobody's: good for no key
  // `egress` empty: direct. kInvalidArgument for an egress that we do not have, since nothing that was to leave by
  // another way ever leaves directly instead; and for no account.
  static Result<Road> Of(std::string account, std::string_view egress);

  const std::string& account() const { return account_; }
  const std::string& egress() const { return egress_; }
  bool operator==(const Road&) const = default;

 private:
  Road(std::string account, std::string egress) : account_(std::move(account)), egress_(std::move(egress)) {}
  std::string account_, egress_;
};

class ConnectionKey {
 public:
  // A WebSocket is never pooled, and its TLS sessions are kept apart from those of requests.
  enum class Use { kRequests, kWebSocket };
  // `road` must be somebody's.
  ConnectionKey(const Authority& authority, const Road& road, Use use);
  bool operator==(const ConnectionKey&) const = default;

  struct Hash {
    std::size_t operator()(const ConnectionKey& key) const;
  };

 private:
  Authority authority_;
  Road road_;
  Use use_;
};

// Where a connection leads, and whose it is.
struct Destination {
  Authority authority;
  std::shared_ptr<TlsContext> tls;  // null for plain TCP
  bool allow_private = false;
  Road road;
};

}  // namespace patchbay::upstream
