#include "cli/account_table.h"

#include <cmath>

#include "cli/quota_table.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::Account;

Colour ColourOf(accounts::v1::AccountState state) {
  switch (state) {
    case accounts::v1::ACCOUNT_STATE_ACTIVE: return Colour::kGood;
    case accounts::v1::ACCOUNT_STATE_THROTTLED:
    case accounts::v1::ACCOUNT_STATE_EXHAUSTED: return Colour::kWarn;
    case accounts::v1::ACCOUNT_STATE_EXPIRED:
    case accounts::v1::ACCOUNT_STATE_BANNED: return Colour::kBad;
    default: return Colour::kDim;
  }
}

std::string StateOf(const Account& account) {
  return HumanEnum(accounts::v1::AccountState_Name(account.state()), "ACCOUNT_STATE_");
}

std::string Percent(double percent) { return std::to_string(std::lround(percent)) + "%"; }

// A window without a name is called by its length.
std::string NameOf(const inference::v1::RateLimitWindow& window) {
  return window.name().empty() ? HumanDuration(ToMilliseconds(window.length())) : window.name();
}

// "primary 42%, secondary 7%"
std::string WindowsOf(const Account& account) {
  std::string text;
  for (const auto& window : account.windows()) {
    text += (text.empty() ? "" : ", ") + WindowText(window);
  }
  return text.empty() ? "-" : text;
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

}  // namespace

std::string WindowText(const inference::v1::RateLimitWindow& window) {
  return NameOf(window) + " " + Percent(window.used_percent());
}

std::string Describe(const Account& account) {
  std::string about;
  for (const auto* part : {&account.label(), &account.email(), &account.plan()}) {
    if (!part->empty()) about += (about.empty() ? "" : ", ") + *part;
  }
  if (about.empty()) about = account.provider();  // a key says nothing of whose it is
  return account.ref() + (about.empty() ? "" : " (" + about + ")");
}

Table AccountTable(const google::protobuf::RepeatedPtrField<Account>& accounts, WallTime now) {
  Table table({"ACCOUNT", "LABEL", "PROVIDER", "PLAN", "STATE", "UNTIL", ">PRIORITY", ">WEIGHT", ">LEASES", ">REQUESTS",
               "LAST USED", "USED"});
  for (const auto& account : accounts) {
    table.Add({account.ref(),
               OrDash(account.label()),
               account.provider(),
               OrDash(account.plan()),
               {StateOf(account), ColourOf(account.state())},
               HumanTime(account.state_until(), now),
               std::to_string(account.priority()),
               std::to_string(account.weight()),
               std::to_string(account.leases_open()) + "/" + std::to_string(account.slots()),
               HumanCount(account.requests_total()),
               HumanTime(account.last_used_at(), now),
               WindowsOf(account)});
  }
  return table;
}

std::string AccountPage(const Account& account, WallTime now, bool colour) {
  std::string page;
  const auto fact = [&](const std::string& name, const std::string& value) {
    page += Paint(colour, Colour::kDim, name) + std::string(16 - name.size(), ' ') + value + "\n";
  };
  fact("account", Printable(account.ref()));
  fact("label", Printable(OrDash(account.label())));
  fact("provider", Printable(account.provider()));
  fact("provider id", Printable(OrDash(account.provider_account_id())));
  fact("email", Printable(OrDash(account.email())));
  fact("plan", Printable(OrDash(account.plan())));
  fact("state", Paint(colour, ColourOf(account.state()), StateOf(account)) + " (since " +
                    HumanTime(account.state_since(), now) + ")");
  if (account.state_until().seconds() != 0) fact("until", HumanTime(account.state_until(), now));
  if (!account.evidence().empty()) fact("evidence", Printable(account.evidence()));
  fact("priority", std::to_string(account.priority()) + ", weight " + std::to_string(account.weight()));
  std::string tags;
  for (const std::string& tag : account.tags()) tags += (tags.empty() ? "" : ", ") + tag;
  if (!tags.empty()) fact("tags", Printable(tags));
  fact("leases", std::to_string(account.leases_open()) + " of " + std::to_string(account.slots()) + " slots");
  fact("requests", HumanCount(account.requests_total()));
  if (!account.configured_by().empty()) fact("configured by", Printable(account.configured_by()));
  if (!account.shared_file().empty()) fact("shared with", Printable(account.shared_file()));
  if (!account.shared_file_problem().empty())
    fact("not shared now", Paint(colour, Colour::kWarn, Printable(account.shared_file_problem())));
  fact("token expires", HumanTime(account.token_expires_at(), now));
  fact("refresh token", account.has_refresh_token() ? "yes" : "no");
  if (account.has_refresh_unanswered_since()) {
    fact("renewal", Paint(colour, Colour::kWarn,
                          "unanswered " + HumanTime(account.refresh_unanswered_since(), now) +
                              ": it may need a login when its token ends"));
  }
  fact("last used", HumanTime(account.last_used_at(), now));
  fact("added", HumanTime(account.created_at(), now));
  for (const auto& window : account.windows()) {
    fact("window", Printable(NameOf(window)) + ": " + Percent(window.used_percent()) + " of " +
                       HumanDuration(ToMilliseconds(window.length())) + ", resets " +
                       HumanTime(window.resets_at(), now));
  }
  if (account.has_credits()) fact("credits", Printable(CreditsText(true, account.credits())));
  if (account.has_reset_credits()) fact("reset credits", std::to_string(account.reset_credits()));
  if (account.has_quota_seen_at()) fact("quota seen", HumanTime(account.quota_seen_at(), now));
  if (account.has_dry_at()) fact("dry", HumanTime(account.dry_at(), now) + ", at the present rate");
  return page;
}

}  // namespace patchbay::cli
