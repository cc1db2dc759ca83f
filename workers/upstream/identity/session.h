// The session that a provider sees a conversation under: the client's own, or one that is derived from what it sent.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

// The client's own session or thread id among its headers, or empty (codex-wire §2.1).
std::string_view ForwardedSession(const Headers& forwarded);

// `session` itself when it is a UUID; else one derived from it. The account is part of it, so one
// session id on two accounts gives the provider no link between them.
std::string SessionUuid(std::string_view session, std::string_view account);

// The UUID for a call: of the session that the frontend chose, else of the one among the client's headers, else of the
// request itself.
std::string ShownSession(std::string_view chosen, const Headers& forwarded, std::string_view request_id,
                         std::string_view account);

}  // namespace patchbay::upstream
