// A JSON log record as one line for a reader: "10:42:07.123 info  accounts  lease.settled account=… ms=12". Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::cli {

// A line that is not a record comes back as it is, made printable.
std::string FormatLogLine(std::string_view record, bool colour);

}  // namespace patchbay::cli
