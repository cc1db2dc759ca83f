#include "cli/key_table.h"

#include <algorithm>
#include <vector>

#include "cli/human.h"
#include "cli/quota_table.h"
#include "lib/keyterms/budget.h"
#include "lib/keyterms/user.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::BudgetStanding;
using accounts::v1::ClientKey;
using accounts::v1::KeyTerms;

constexpr double kSpentPercent = 100, kWarnPercent = 80;

template <class Words>
std::string Listed(const Words& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

double PercentOf(const BudgetStanding& standing) {
  const auto amount = static_cast<double>(keyterms::AmountOf(standing.budget()));
  return amount <= 0 ? 0 : 100.0 * static_cast<double>(standing.used()) / amount;
}

// One of them by its name, several by their number.
template <class Words>
void AddWords(const Words& words, const char* one, const char* many, std::vector<std::string>& parts) {
  if (words.empty()) return;
  parts.push_back(words.size() == 1 ? one + std::string(" ") + words.Get(0)
                                    : std::to_string(words.size()) + " " + many);
}

void AddNumber(std::int64_t number, const char* unit, std::vector<std::string>& parts) {
  if (number > 0) parts.push_back(HumanCount(number) + " " + unit);
}

std::string OutOf(std::int64_t used, std::int64_t limit) {
  return HumanCount(used) + (limit > 0 ? " of " + HumanCount(limit) : "");
}

bool IsOver(const ClientKey& key, WallTime now) { return key.has_expires_at() && ToWallTime(key.expires_at()) <= now; }

Cell ExpiryCell(const ClientKey& key, WallTime now) {
  if (!key.has_expires_at()) return "-";
  return {HumanTime(key.expires_at(), now), IsOver(key, now) ? Colour::kBad : Colour::kNone};
}

std::string BudgetLine(const BudgetStanding& standing, WallTime now) {
  const auto& budget = standing.budget();
  std::string line = keyterms::FormatBudget(budget) + ": " + keyterms::FormatAmount(budget, standing.used()) + " used";
  if (standing.reserved() > 0) line += ", " + keyterms::FormatAmount(budget, standing.reserved()) + " reserved";
  if (standing.has_resets_at()) line += ", resets " + HumanTime(standing.resets_at(), now);
  return line;
}

}  // namespace

std::string LimitsText(const KeyTerms& terms) {
  std::vector<std::string> parts;
  AddWords(terms.models(), "model", "models", parts);
  AddWords(terms.providers(), "provider", "providers", parts);
  AddWords(terms.tags(), "tag", "tags", parts);
  AddWords(terms.dialects(), "dialect", "dialects", parts);
  AddWords(terms.tiers(), "tier", "tiers", parts);
  if (!terms.highest_effort().empty()) parts.push_back("effort up to " + terms.highest_effort());
  AddWords(terms.sources(), "from", "sources", parts);
  AddNumber(terms.requests_per_minute(), "rpm", parts);
  AddNumber(terms.tokens_per_minute(), "tpm", parts);
  AddNumber(terms.concurrency(), "at once", parts);
  for (const auto& budget : terms.budgets()) parts.push_back(keyterms::FormatBudget(budget));
  return parts.empty() ? "-" : Listed(parts);
}

Cell UsedText(const accounts::v1::KeyStanding& standing) {
  if (standing.budgets().empty()) return "-";
  const auto& tightest = *std::max_element(standing.budgets().begin(), standing.budgets().end(),
                                           [](const auto& a, const auto& b) { return PercentOf(a) < PercentOf(b); });
  const double percent = PercentOf(tightest);
  const Colour colour = percent >= kSpentPercent  ? Colour::kBad
                        : percent >= kWarnPercent ? Colour::kWarn
                                                  : Colour::kGood;
  return {std::to_string(static_cast<std::int64_t>(percent)) + "% of " + keyterms::FormatBudget(tightest.budget()),
          colour};
}

Table KeyTable(const accounts::v1::ListClientKeysReply& reply, WallTime now) {
  Table table({"KEY", "NAME", "ENDS IN", "LIMITS", "USED", "QUOTA VIEW", "EXPIRES", "CREATED", "REVOKED"});
  for (const auto& key : reply.keys()) {
    table.Add({key.id(),
               key.name(),
               key.hint().empty() ? "-" : key.hint(),
               LimitsText(key.terms()),
               UsedText(key.standing()),
               ViewText(key.quota_view()),
               ExpiryCell(key, now),
               key.configured() ? std::string("configuration") : HumanTime(key.created_at(), now),
               {HumanTime(key.revoked_at(), now), Colour::kDim}});
  }
  return table;
}

std::string KeyPage(const ClientKey& key, WallTime now, bool colour) {
  std::string page;
  const auto fact = [&](const std::string& name, const std::string& value) {
    page += Paint(colour, Colour::kDim, name) + std::string(16 - name.size(), ' ') + value + "\n";
  };
  const auto words = [&](const std::string& name, const auto& list) {
    if (!list.empty()) fact(name, Printable(Listed(list)));
  };
  const KeyTerms& terms = key.terms();
  const auto& standing = key.standing();
  fact("key", Printable(key.id()));
  fact("name", Printable(key.name()));
  if (!key.hint().empty()) fact("ends in", Printable(key.hint()));
  fact("made", key.configured() ? "by accounts.users of the configuration" : HumanTime(key.created_at(), now));
  if (key.has_rotated_at()) fact("rotated", HumanTime(key.rotated_at(), now));
  if (key.has_old_secret_until() && ToWallTime(key.old_secret_until()) > now) {
    fact("old secret", "good until " + Rfc3339(ToWallTime(key.old_secret_until())));
  }
  if (key.has_expires_at()) {
    fact("expires", Paint(colour, IsOver(key, now) ? Colour::kBad : Colour::kNone,
                          HumanTime(key.expires_at(), now) + " (" + Rfc3339(ToWallTime(key.expires_at())) + ")"));
  }
  if (key.has_revoked_at()) fact("revoked", Paint(colour, Colour::kBad, HumanTime(key.revoked_at(), now)));
  fact("quota view", ViewText(key.quota_view()));
  words("models", terms.models());
  words("providers", terms.providers());
  words("tags", terms.tags());
  words("dialects", terms.dialects());
  words("tiers", terms.tiers());
  if (!terms.highest_effort().empty()) fact("highest effort", Printable(terms.highest_effort()));
  words("sources", terms.sources());
  fact("this minute", OutOf(standing.requests_this_minute(), terms.requests_per_minute()) + " requests, " +
                          OutOf(standing.tokens_this_minute(), terms.tokens_per_minute()) + " tokens");
  fact("open", OutOf(standing.open(), terms.concurrency()) + " calls, " + HumanCount(standing.waiting()) + " waiting");
  for (const auto& budget : standing.budgets()) fact("budget", BudgetLine(budget, now));
  if (!terms.budgets().empty()) fact("on budget", Printable(keyterms::FormatOnBudget(terms.fallback_model())));
  return page;
}

}  // namespace patchbay::cli
