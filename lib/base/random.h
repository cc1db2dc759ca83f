// Randomness from the kernel: for ids, keys and tokens. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace patchbay {

// `count` random bytes.
std::string RandomBytes(std::size_t count);

// `prefix` followed by `bits / 5` characters of a lower-case alphabet without look-alikes.
std::string RandomId(std::string_view prefix, int bits = 80);

// RandomId whose ids sort by `now`, to the millisecond. For keys of database rows: random ones dirty a page of every
// index each, these share the last one.
std::string OrderedId(std::string_view prefix, WallTime now, int bits = 80);

// A random (version 4) UUID in its usual text form.
std::string RandomUuid();

}  // namespace patchbay
