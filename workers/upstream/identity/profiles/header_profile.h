// What a provider sees of us: header names, their order and their values (codex-wire §2).
//
// A client that is itself the Codex CLI keeps its own identity: its headers pass through an
// allow-list. Anybody else is shown with the built-in profile. Installation and device ids are never
// made up. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

// The public client whose behaviour we match.
inline constexpr std::string_view kClientVersion = "0.144.0";
inline constexpr std::string_view kOriginator = "codex_cli_rs";
inline constexpr std::string_view kUserAgent = "codex_cli_rs/0.144.0 (Debian 12.0.0; x86_64) xterm-256color";

// The version of the WebSocket transport that we speak (codex-wire §10.1).
inline constexpr std::string_view kSocketBeta = "responses_websockets=2026-02-06";

// Client headers together; what is beyond is left out.
inline constexpr std::size_t kMaxForwardedBytes = std::size_t{32} << 10;

struct AccountIdentity {
  std::string_view access_token;
  std::string_view provider_account_id;
  bool fedramp = false;
};

struct CallIdentity {
  std::string session;     // a UUID, see SessionUuid
  std::string_view model;  // for the routing hint; empty when the body is not ours
  std::string_view tier;
  std::string_view traceparent;
  const Headers* forwarded = nullptr;  // the client's own, as the frontend passed them on
  std::string_view cookie;
};

// The headers of a generate request, in wire order, without host and content-length.
Headers GenerateHeaders(const AccountIdentity& account, const CallIdentity& call);
// The headers of a WebSocket upgrade, in wire order, without those of the handshake itself. The turn's state is none of
// them: on sockets it travels inside the frames (codex-wire §10.1).
Headers SocketHeaders(const AccountIdentity& account, const CallIdentity& call);
// The same for small requests; `account` is null for the token endpoint.
Headers FetchHeaders(const AccountIdentity* account, std::string_view content_type, std::string_view cookie);

}  // namespace patchbay::upstream
