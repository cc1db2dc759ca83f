// Numbers and times as people read them. Pure: the time is a parameter.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace patchbay::cli {

// As patchbay::HumanTime; "-" for a timestamp that is not set.
std::string HumanTime(const google::protobuf::Timestamp& timestamp, WallTime now);
// "512 B", "23.4 MiB".
std::string HumanBytes(std::int64_t bytes);
// "1,234,567".
std::string HumanCount(std::int64_t count);

// "WORKER_STATE_BACKING_OFF" without its prefix, as people say it: "backing off".
std::string HumanEnum(std::string_view name, std::string_view prefix);

// Text from another program made fit for a terminal: control characters, escape sequences above all, become '?'.
std::string Printable(std::string_view text);

}  // namespace patchbay::cli
