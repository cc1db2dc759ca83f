// The provider's ways to say no, with their literal bodies (codex-wire §3.1, §8.2, §8.5, §14.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/http.h"
#include "tests/sim/scenario.h"

namespace patchbay::sim {

// {"detail":"…"}: said by the layer in front of the model.
Reply DetailReply(unsigned status, std::string_view text);

// {"error":{"message","type","param","code"}}: said by the API. An empty param or code is null.
Reply ApiErrorReply(unsigned status, std::string_view message, std::string_view type, std::string_view param,
                    std::string_view code);

// The usual 400s of the API's own validation; `param` is a path such as "input[3].action.type".
Reply InvalidValue(std::string_view param, std::string_view value, std::string_view supported);
Reply UnknownParameter(std::string_view param);
Reply MissingParameter(std::string_view param);
Reply InvalidType(std::string_view param, std::string_view expected);
Reply InvalidRequest(std::string_view message, std::string_view param, std::string_view code);
Reply InvalidEncryptedContent(std::string_view content);
Reply ItemNotFound(std::string_view id);

// 401 with the given error code ("token_expired", …), or {"detail":"Unauthorized"} for "unauthorized".
Reply AuthRefusal(std::string_view kind);

// The page that Cloudflare shows to what it takes for a robot: 403, HTML, cf-mitigated.
Reply ChallengePage();

// 429: the plan's window is used up until `resets_at`. The x-codex headers are the caller's.
Reply UsageLimitReached(std::string_view plan, long long resets_at, long long resets_in);

// The refusal that a `status` scenario asks for (params code, kind, resets_in, retry_after, message, plan), or nothing
// when its kind is unknown. `now` is in unix seconds.
std::optional<Reply> RefusalFor(const Scenario& scenario, std::string_view plan, long long now);

// True for a name that RefusalFor knows as a kind, so that it can be used as a scenario's name.
bool IsRefusalKind(std::string_view kind);

}  // namespace patchbay::sim
