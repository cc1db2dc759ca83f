// Numbers, times and log records as people read them. Pure: the time is a parameter.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::cli {

using Milliseconds = std::chrono::milliseconds;

Milliseconds ToMilliseconds(const google::protobuf::Duration& duration);
Milliseconds ToMilliseconds(const google::protobuf::Timestamp& timestamp);  // since 1970

// The two largest units: "850ms", "12s", "2m 10s", "3d 4h".
std::string HumanDuration(Milliseconds duration);
// "5m 2s ago", "in 3h 10m", "now"; "-" for a timestamp that is not set.
std::string HumanTime(const google::protobuf::Timestamp& timestamp, Milliseconds now);
// "512 B", "23.4 MiB".
std::string HumanBytes(std::int64_t bytes);
// "1,234,567".
std::string HumanCount(std::int64_t count);

// "WORKER_STATE_BACKING_OFF" without its prefix, as people say it: "backing off".
std::string HumanEnum(std::string_view name, std::string_view prefix);

// Text from another program made fit for a terminal: control characters, escape sequences above all, become '?'.
std::string Printable(std::string_view text);

}  // namespace patchbay::cli
