// The documents that the provider serves beside answers, and the headers that every answer carries
// (codex-wire §5, §12, §13). Pure.
#pragma once

#include <string>
#include <string_view>

#include "tests/sim/accounts.h"
#include "tests/sim/http.h"

namespace patchbay::sim {

// The ETag of a plan's catalogue, also said in x-models-etag.
std::string_view ModelsETag(std::string_view plan = {});

// GET models: the entries that a client of that version may see, as far as its plan has them.
std::string ModelsDocument(std::string_view client_version, std::string_view plan = {});

// GET usage, and GET rate-limit-reset-credits.
std::string UsageDocument(const Account& account, long long now);
std::string ResetCreditsDocument(const Account& account, long long now);

// The x-codex-* windows, plan and credits. With `limit_reached` those of a used-up plan that resets at `resets_at`.
void AddQuotaHeaders(Reply& reply, const Account& account, long long now);
void AddExhaustedHeaders(Reply& reply, const Account& account, long long now, long long resets_at);
// The same where only an extra limit is used up.
void AddSpentLimitHeaders(Reply& reply, const Account& account, const ExtraLimit& limit, long long now);

// What the front end of the provider adds to everything: request id, cf-ray, server.
void AddEdgeHeaders(Reply& reply, std::string_view id);
// The cookies of the front end, on successes.
void AddCookies(Reply& reply, const Account& account);

}  // namespace patchbay::sim
