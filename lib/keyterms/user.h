// A client key of the configuration, a row of `accounts.users`, as terms; and the words that rows and commands share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/keyterms/terms.h"
#include "patchbay/accounts/v1/client_keys.pb.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::keyterms {

struct UserTerms {
  accounts::v1::KeyTerms terms;
  accounts::v1::QuotaView quota_view = accounts::v1::QUOTA_VIEW_UNSPECIFIED;
  std::optional<WallTime> expires_at;  // nothing: never
};

// Reads all that the row says but its token. What cannot be read or cannot be is added to `problems` (by the row's
// setting: "budgets", "on_budget", "expires", …) and left out.
UserTerms TermsOf(const config::v1::User& user, std::vector<TermProblem>& problems);
// The same for a row that has been checked: the first problem is an error.
Result<UserTerms> TermsOf(const config::v1::User& user);
// The row that reads back as these terms, without a token.
config::v1::User UserOf(const UserTerms& terms);

// "refuse", or "fallback MODEL" → the model; empty for "refuse".
Result<std::string> ParseOnBudget(std::string_view text);
std::string FormatOnBudget(const std::string& fallback_model);

// "own", "pool", "upstream", "none", "default"; nothing for another word.
std::optional<accounts::v1::QuotaView> ParseQuotaView(std::string_view word);
std::string_view QuotaViewName(accounts::v1::QuotaView view);

}  // namespace patchbay::keyterms
