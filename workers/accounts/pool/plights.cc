#include "workers/accounts/pool/plights.h"

#include <algorithm>
#include <string_view>

#include "lib/time/time_text.h"

namespace patchbay::accounts {
namespace {

struct Plight {
  Block block;
  std::string_view says;
};
// In the order in which a client wants to read them.
constexpr std::array<Plight, 14> kPlights = {{
    {Block::kNone, "free"},
    {Block::kSlots, "busy"},
    {Block::kThrottled, "rate limited"},
    {Block::kRefreshing, "whose token is being refreshed"},
    {Block::kPath, "whose provider fails"},
    {Block::kExhausted, "exhausted"},
    {Block::kLimit, "whose limit for the model is used up"},
    {Block::kReserved, "kept for other keys"},
    {Block::kTried, "tried in vain"},
    {Block::kModel, "without the model"},
    {Block::kExpired, "in need of a login or key"},
    {Block::kNoToken, "without a token"},
    {Block::kBanned, "banned"},
    {Block::kDisabled, "disabled"},
}};

}  // namespace

void Plights::Add(Block block, std::optional<WallTime> until) {
  static_assert(kPlights.size() == kCount);
  const auto plight =
      std::find_if(kPlights.begin(), kPlights.end(), [&](const Plight& one) { return one.block == block; });
  if (plight == kPlights.end()) return;
  const auto at = static_cast<std::size_t>(plight - kPlights.begin());
  ++counts_[at];
  if (until && (!earliest_[at] || *until < *earliest_[at])) earliest_[at] = until;
}

std::string Plights::Text() const {
  std::string text;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (counts_[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(counts_[i]) + " ";
    text += kPlights[i].says;
    if (!earliest_[i]) continue;
    text += counts_[i] == 1 ? " until " : ", the first until ";
    text += Rfc3339(*earliest_[i]);
  }
  return text;
}

}  // namespace patchbay::accounts
