// What no way of choosing can surpass.
#pragma once

#include <vector>

#include "bench/pool/fleet.h"

namespace patchbay::bench {

// The most tokens of this traffic that these accounts could have served, in hindsight, if it flowed like water, every
// context were cached, and every window began at the best moment.
//
// Served(t), the tokens served until t, rises by no more than the demand of each hour, and between any two hours by no
// more than the windows hold that can touch the time between them: of a length L, ⌈time ÷ L⌉, and one more where the
// time does not begin with the first use. The largest such function at the end is a shortest path from the beginning.
double MostServed(const std::vector<const Plan*>& plans, const std::vector<Turn>& traffic, int weeks);

}  // namespace patchbay::bench
