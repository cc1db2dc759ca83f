#include "workers/accounts/core/frontends.h"

#include <algorithm>

#include "lib/base/number.h"

namespace patchbay::accounts {
namespace {

constexpr char kMark = '#';

}  // namespace

FrontendId FrontendOf(std::string_view worker, std::int64_t generation) {
  return FrontendId(std::string(worker) + kMark + std::to_string(generation));
}

bool HasEnded(const FrontendId& frontend, const std::vector<LivingWorker>& living) {
  const std::string& id = frontend.str();
  const auto mark = id.rfind(kMark);
  if (mark == std::string::npos) return false;
  const auto generation = ParseNumber<std::int64_t>(std::string_view(id).substr(mark + 1));
  if (!generation) return false;
  const std::string_view name(id.data(), mark);
  const auto worker =
      std::find_if(living.begin(), living.end(), [&](const LivingWorker& one) { return one.name == name; });
  if (worker == living.end() || *generation > worker->newest_generation) return false;
  const auto& alive = worker->generations;
  return std::find(alive.begin(), alive.end(), *generation) == alive.end();
}

}  // namespace patchbay::accounts
