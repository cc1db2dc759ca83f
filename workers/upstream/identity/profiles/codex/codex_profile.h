// Codex CLI: header names, their order and their values, as the public client of kClientVersion sends them (codex-wire
// §2, real-clients §7.1).
//
// A client that is itself the Codex CLI keeps its own identity: its headers pass through an
// allow-list. Anybody else is shown with the built-in profile. Installation and device ids are never
// made up. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "workers/upstream/identity/profiles/profile.h"

namespace patchbay::upstream {

// The public client whose behaviour we match. Its version stands here and nowhere else.
inline constexpr std::string_view kClientVersion = "0.171.0";
inline constexpr std::string_view kOriginator = "codex_cli_rs";
inline constexpr std::string_view kPlatform = "(Debian 12.0.0; x86_64) xterm-256color";
// "originator/version platform".
const std::string& UserAgent();

// The version of the WebSocket transport that we speak (codex-wire §10.1).
inline constexpr std::string_view kSocketBeta = "responses_websockets=2026-02-06";

// Client headers together; what is beyond is left out.
inline constexpr std::size_t kMaxForwardedBytes = std::size_t{32} << 10;

// The headers of a generate request, in wire order, without host and content-length.
Headers GenerateHeaders(const AccountIdentity& account, const CallIdentity& call);
// Of a request that is answered with one document. It names no session: what the client says of one passes.
Headers DocumentHeaders(const AccountIdentity& account, const CallIdentity& call);
// The headers of a WebSocket upgrade, in wire order, without those of the handshake itself. The turn's state and the
// mark of the lite form are none of them: on sockets they travel inside the frames (codex-wire §10.1, §3.4).
Headers SocketHeaders(const AccountIdentity& account, const CallIdentity& call);
// The same for small requests; `account` is null for the token endpoint. Only the API, which has the model list, is
// told the version by itself.
Headers FetchHeaders(const AccountIdentity* account, Surface surface, std::string_view content_type,
                     std::string_view cookie);

// All of these.
const Profile& CodexProfile();

}  // namespace patchbay::upstream
