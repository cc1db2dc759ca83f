#include "workers/accounts/models/efforts.h"

#include <algorithm>

#include "lib/keyterms/terms.h"

namespace patchbay::accounts {
namespace {

// Lists name it, but it is never sent: the rest of what it means happens in the client (codex-wire §3.1).
constexpr std::string_view kUltra = "ultra", kUltraIsSentAs = "max";

std::size_t RankOf(std::string_view effort) {
  const auto ladder = keyterms::Efforts();
  return static_cast<std::size_t>(std::find(ladder.begin(), ladder.end(), effort) - ladder.begin());
}

bool Has(const std::vector<std::string>& efforts, std::string_view effort) {
  return std::find(efforts.begin(), efforts.end(), effort) != efforts.end();
}

}  // namespace

bool IsEffort(std::string_view word) { return RankOf(word) < keyterms::Efforts().size(); }

std::string FitEffort(const std::vector<std::string>& efforts, std::string_view wanted) {
  if (efforts.empty() || (!IsEffort(wanted) && !Has(efforts, wanted))) return std::string(wanted);
  // Lists need not be in rising order.
  std::string_view best = *std::min_element(efforts.begin(), efforts.end(),
                                            [](const auto& a, const auto& b) { return RankOf(a) < RankOf(b); });
  if (Has(efforts, wanted)) {
    best = wanted;
  } else {
    for (const std::string& known : efforts) {
      if (RankOf(known) <= RankOf(wanted) && RankOf(known) >= RankOf(best)) best = known;
    }
  }
  return std::string(best == kUltra && Has(efforts, kUltraIsSentAs) ? kUltraIsSentAs : best);
}

}  // namespace patchbay::accounts
