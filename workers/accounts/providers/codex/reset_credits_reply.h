// The answers about reset credits (codex-wire §11.8), as facts. Pure.
#pragma once

#include "workers/accounts/providers/reset_credits.h"

namespace patchbay::accounts {

std::optional<ResetCredits> ReadResetCredits(std::string_view body, WallTime now);
std::string RedeemBody(std::string_view redeem_id, std::string_view credit);
std::optional<Redemption> ReadRedemption(std::string_view body);

inline constexpr ResetCreditsCode kCodexResetCredits = {ReadResetCredits, RedeemBody, ReadRedemption};

}  // namespace patchbay::accounts
