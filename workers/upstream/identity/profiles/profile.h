// As whom we show ourselves to a provider: header names, their order and their values. A provider's row chooses one.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

// The encodings of an answer that we read (transport/http1). An upgrade names none.
inline constexpr std::string_view kAcceptEncoding = "zstd,gzip";

struct AccountIdentity {
  std::string_view access_token;  // empty: there is nothing to show
  std::string_view provider_account_id;
  bool fedramp = false;
  // Where a key is shown, in the row's words: "authorization", "x-api-key", …; "query": not in a header.
  std::string_view key_in = "authorization";
};

struct CallIdentity {
  std::string session;     // a UUID, see SessionUuid
  std::string_view model;  // for hints about routing; empty when it is not known yet
  std::string_view tier;
  std::string_view traceparent;
  const Headers* forwarded = nullptr;  // the client's own, as the frontend passed them on
  std::string_view cookie;
};

// What a small request is for.
enum class Surface { kApi, kElsewhere };

// Headers in wire order, without host and content-length. Lives as long as the process.
class Profile {
 public:
  virtual ~Profile() = default;
  // What stands for {client_version} in a row.
  virtual std::string_view client_version() const = 0;
  // Of a request that is answered with a stream of events.
  virtual Headers Generate(const AccountIdentity& account, const CallIdentity& call) const = 0;
  // Of one that is answered with a document.
  virtual Headers Document(const AccountIdentity& account, const CallIdentity& call) const = 0;
  // Of a WebSocket upgrade, without those of the handshake itself.
  virtual Headers Socket(const AccountIdentity& account, const CallIdentity& call) const = 0;
  // Of a small request; `account` is null where none is shown.
  virtual Headers Fetch(const AccountIdentity* account, Surface surface, std::string_view content_type,
                        std::string_view cookie) const = 0;
};

}  // namespace patchbay::upstream
