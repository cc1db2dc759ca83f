// A record of the log as people read it, wherever they do: `10:42:07.123 info  accounts   lease.settled ms=12`. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::log {

// `record` is a JSON line as the supervisor writes it. Something that is not a record comes back as it is. A terminal
// obeys control characters, so they become '?' in either: a log line must not be able to give orders.
std::string RecordText(std::string_view record, bool colour);

// The same without time and level, for a log that has places of its own for them.
std::string RecordMessage(std::string_view record);

}  // namespace patchbay::log
