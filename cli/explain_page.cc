#include "cli/explain_page.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "cli/account_table.h"
#include "cli/table.h"

namespace patchbay::cli {
namespace {

std::string NameOf(accounts::v1::AccountState state) {
  return HumanEnum(accounts::v1::AccountState_Name(state), "ACCOUNT_STATE_");
}

}  // namespace

std::string ExplainPage(const accounts::v1::ExplainReply& reply, WallTime now, bool colour) {
  std::vector<const accounts::v1::AccountExplanation*> rows;
  for (const auto& account : reply.accounts()) rows.push_back(&account);
  const auto place = [](const auto* row) { return row->place() == 0 ? std::numeric_limits<int>::max() : row->place(); };
  std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) { return place(a) < place(b); });
  Table table({">", "ACCOUNT", "LABEL", "PROVIDER", "ELIGIBLE", "UNTIL", "SCORE", ">LEASES", "REASON"});
  for (const auto* row : rows) {
    std::string reason = row->reason();
    if (row->home()) reason += "; the conversation lives here";
    if (row->priority() != 0) reason += "; priority " + std::to_string(row->priority());
    table.Add(
        {{row->place() == 0 ? "" : std::to_string(row->place()), row->place() == 1 ? Colour::kGood : Colour::kDim},
         row->account(),
         row->label().empty() ? "-" : row->label(),
         row->provider(),
         {row->eligible() ? "yes" : "no", row->eligible() ? Colour::kGood : Colour::kWarn},
         HumanTime(row->until(), now),
         row->eligible() ? row->score() : "-",
         std::to_string(row->leases_open()) + "/" + std::to_string(row->slots()),
         reason});
  }
  std::string verdict = reply.chosen().empty() ? "none would be chosen" : reply.chosen() + " would be chosen";
  if (!reply.reason().empty()) verdict += ": " + reply.reason();
  if (reply.has_available_at()) verdict += "; it makes sense again " + HumanTime(reply.available_at(), now);
  return (table.empty() ? "" : table.Render(colour) + "\n") + Printable(verdict) + "\n";
}

std::string RecheckLine(const accounts::v1::RecheckAccountReply& reply, WallTime now) {
  const auto& account = reply.account();
  std::string line = Describe(account) + ": ";
  if (!reply.problem().empty()) {
    line += "as before (" + NameOf(account.state()) + "): " + reply.problem();
  } else if (reply.before() == account.state()) {
    line += NameOf(account.state());
  } else {
    line += NameOf(reply.before()) + " → " + NameOf(account.state());
  }
  if (account.has_state_until()) line += ", until " + HumanTime(account.state_until(), now);
  for (const auto& window : account.windows()) line += "; " + WindowText(window);
  return Printable(line);
}

}  // namespace patchbay::cli
