#include "bench/pool/bound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace patchbay::bench {

double MostServed(const std::vector<const Plan*>& plans, const std::vector<Turn>& traffic, int weeks) {
  const auto hours = static_cast<std::size_t>(weeks) * 7 * 24;
  std::vector<double> demand(hours, 0);
  // Served where it ends: a turn may be charged to a window that begins during it.
  for (const Turn& turn : traffic) {
    demand[std::min(hours - 1, static_cast<std::size_t>((turn.at + turn.lasts) / kHour))] += turn.tokens();
  }
  std::map<const Plan*, int> counts;
  for (const Plan* plan : plans) ++counts[plan];
  const auto capacity = [&](std::size_t span, int more) {
    double sum = 0;
    for (const auto& [plan, count] : counts) {
      double least = std::numeric_limits<double>::infinity();
      for (const WindowSize& window : plan->windows) {
        least = std::min(least, (std::ceil(static_cast<double>(span) * kHour / window.length) + more) * window.tokens);
      }
      sum += count * least;
    }
    return sum;
  };
  std::vector<double> from_start(hours + 1, 0), within(hours + 1, 0);
  for (std::size_t span = 1; span <= hours; ++span) {
    from_start[span] = capacity(span, 0);
    within[span] = capacity(span, 1);
  }
  // Dijkstra over the hours. Going back costs nothing: what is served by an hour is at most what is by a later one.
  std::vector<double> served(hours + 1, std::numeric_limits<double>::infinity());
  std::vector<bool> done(hours + 1, false);
  served[0] = 0;
  for (std::size_t round = 0; round <= hours; ++round) {
    std::size_t next = hours + 1;
    for (std::size_t i = 0; i <= hours; ++i) {
      if (!done[i] && (next > hours || served[i] < served[next])) next = i;
    }
    done[next] = true;
    for (std::size_t i = 0; i < next; ++i) served[i] = std::min(served[i], served[next]);
    for (std::size_t i = next + 1; i <= hours; ++i) {
      double step = next == 0 ? from_start[i] : within[i - next];
      if (i == next + 1) step = std::min(step, demand[next]);
      served[i] = std::min(served[i], served[next] + step);
    }
  }
  return served[hours];
}

}  // namespace patchbay::bench
