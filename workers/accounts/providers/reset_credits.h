// Credits that reset an account's windows: what a provider says of them, in our words. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"

namespace patchbay::accounts {

struct ResetCredit {
  std::string id;
  std::string status;  // in the provider's words
  std::string title;
  std::optional<WallTime> expires_at;
  bool usable = false;
};

struct ResetCredits {
  std::vector<ResetCredit> credits;
  int available = 0;
};

struct Redemption {
  std::string outcome;  // in the provider's words
  int windows_reset = 0;
};

// How a provider's answers are read and asked for. Nothing: it cannot be read.
struct ResetCreditsCode {
  std::optional<ResetCredits> (*read_list)(std::string_view body, WallTime now);
  // `redeem_id` makes asking again safe; an empty credit is whichever the provider takes.
  std::string (*redeem_body)(std::string_view redeem_id, std::string_view credit);
  std::optional<Redemption> (*read_redemption)(std::string_view body);
};

}  // namespace patchbay::accounts
