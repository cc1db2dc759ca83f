// Quota as the Codex CLI reads it: in the heads of answers, in an event of a socket, and when it asks (codex-wire §5,
// §6.4, §13). All three say the same. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "workers/frontend/call/call.h"
#include "workers/frontend/call/quota_numbers.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses::codex {

inline constexpr std::string_view kQuotaEvent = "codex.rate_limits";

// `now` in seconds since the epoch.
HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now);
std::string QuotaEventJson(const accounts::v1::PoolQuota& pool, std::int64_t now);

// Who asks, as its login names it; empty for what it does not say.
struct UsageOwner {
  std::string user_id, account_id, email, plan;
};
// By the claims of the login's token, which nobody verifies here: they are told back to whoever showed it. Without one,
// by the account that the head names, else the key.
UsageOwner UsageOwnerOf(const QuotaQuestion& question);
// `pool` null: nothing is known, or it is not shown.
std::string UsageJson(const UsageOwner& owner, const accounts::v1::PoolQuota* pool, std::int64_t now);

}  // namespace patchbay::frontend::openai_responses::codex
