// When quota runs dry at the present rate: of a window, of an account, of a provider's accounts together. Pure.
//
// The rate of a window is what was used of it lately: percents seen, each weighing less the longer ago it was. Lately
// is about an hour for windows of up to a day and about a day for longer ones, so that a night counts in the week.
#pragma once

#include <optional>
#include <vector>

#include "workers/accounts/pool/quota.h"

namespace patchbay::accounts {

// What is left at `now` of what the window has spent lately.
double SpentLately(const Window& window, WallTime now);
// Nothing while it has not been watched for long enough.
std::optional<double> PercentPerHour(const Window& window, WallTime now);
// When it is used up at that rate; nothing where it resets before, or where the rate is not known. One that is used up
// was so at `now`.
std::optional<WallTime> DryAt(const Window& window, WallTime now);
// The first of its general windows; nothing for an account that goes on with credits.
std::optional<WallTime> DryAt(const Quota& quota, WallTime now);

struct Outlook {
  int with_room = 0;  // accounts that have some now
  int unknown = 0;    // those of which no window or no rate is known
  // When none has any left. The accounts share what is asked of all of them evenly, and a window is as large as any
  // other of its length; windows reset meanwhile.
  std::optional<WallTime> dry_at;
  WallTime seen_until{};            // as far as was looked
  std::optional<WallTime> back_at;  // none has room now: when the first has
};
Outlook OutlookOf(const std::vector<const Quota*>& accounts, WallTime now);

}  // namespace patchbay::accounts
