#include "workers/accounts/pool/reserve.h"

#include <algorithm>

#include "lib/time/time_text.h"
#include "workers/accounts/pool/tags.h"

namespace patchbay::accounts {
namespace {

// What is known of the window that `reserve` is about; null when nothing is.
const Window* WindowOf(const Reserve& reserve, const PoolAccount& account, WallTime now) {
  if (!reserve.provider.empty() && reserve.provider != account.facts.provider) return nullptr;
  if (!HasAny(account.facts.tags, reserve.tags)) return nullptr;
  for (const Window& window : account.quota.windows()) {
    const bool over = window.resets_at && *window.resets_at <= now;
    if (window.family.empty() && window.length == reserve.window && !over) return &window;
  }
  return nullptr;
}

}  // namespace

std::string Reserve::Describe() const {
  std::string text =
      "the last " + std::to_string(static_cast<int>(percent)) + " % of " + HumanDuration(window) + " for ";
  for (std::size_t i = 0; i < keys.size(); ++i) text += (i == 0 ? "" : ", ") + keys[i];
  return text;
}

ReserveSet Holding(const std::vector<Reserve>& reserves, const PoolAccount& account, WallTime now) {
  ReserveSet holding = 0;
  for (std::size_t i = 0; i < reserves.size(); ++i) {
    const Window* window = WindowOf(reserves[i], account, now);
    if (window != nullptr && window->used_percent > 100 - reserves[i].percent) holding |= ReserveSet{1} << i;
  }
  return holding;
}

ReserveSet KeptFor(const std::vector<Reserve>& reserves, const std::string& key) {
  ReserveSet kept = 0;
  for (std::size_t i = 0; i < reserves.size() && !key.empty(); ++i) {
    const auto& keys = reserves[i].keys;
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) kept |= ReserveSet{1} << i;
  }
  return kept;
}

std::optional<WallTime> HeldUntil(const std::vector<Reserve>& reserves, ReserveSet held, const PoolAccount& account,
                                  WallTime now) {
  std::optional<WallTime> until;
  for (std::size_t i = 0; i < reserves.size(); ++i) {
    if ((held & (ReserveSet{1} << i)) == 0) continue;
    const Window* window = WindowOf(reserves[i], account, now);
    if (window == nullptr) continue;
    if (!window->resets_at) return std::nullopt;
    until = until ? std::max(*until, *window->resets_at) : *window->resets_at;
  }
  return until;
}

}  // namespace patchbay::accounts
