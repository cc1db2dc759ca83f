#include "workers/upstream/transport/road.h"

#include <utility>

#include "lib/base/check.h"

namespace patchbay::upstream {

Result<Road> Road::Of(std::string account, std::string_view egress) {
  if (account.empty()) return Error(ErrorCode::kInvalidArgument, "a request to a provider belongs to an account");
  if (!egress.empty()) return Error(ErrorCode::kInvalidArgument, "unknown egress '" + std::string(egress) + "'");
  return Road(std::move(account), std::string(egress));
}

ConnectionKey::ConnectionKey(const Authority& authority, const Road& road, Use use)
    : authority_(authority), road_(road), use_(use) {
  PATCHBAY_CHECK(!road_.account().empty());
}

std::size_t ConnectionKey::Hash::operator()(const ConnectionKey& key) const {
  constexpr std::size_t kSpread = 0x9e3779b97f4a7c15;
  const std::hash<std::string> hash;
  std::size_t sum = hash(key.road_.account());
  sum = sum * kSpread + hash(key.road_.egress());
  sum = sum * kSpread + hash(key.authority_.host);
  sum = sum * kSpread + key.authority_.port;
  return sum * kSpread + static_cast<std::size_t>(key.use_);
}

}  // namespace patchbay::upstream
