// The file of `accounts.usage.usages_path`: what OCM writes about usage, so that whoever reads that can read ours.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

// What a clock on the wall adds to UTC at that time.
using LocalOffset = std::function<std::chrono::minutes(WallTime)>;
// The machine's own.
std::chrono::minutes OffsetOfThisMachine(WallTime time);

// OCM's JSON (ocm.md §9), but that its dollars have six digits behind the point, where OCM rounds to cents. `names` are
// those of client keys; one that has none is called by its id. Pure.
std::string UsagesText(const std::vector<WeekUsage>& weeks, const std::map<std::string, std::string>& names,
                       WallTime now, const LocalOffset& offset);

// A file of somebody else's (OCM's own, of before) is not written over: it gets this behind its name. True: there was
// one. An error: there is one behind that name already.
inline constexpr std::string_view kPutAside = ".before-patchbay";
Result<bool> PutAsideAnothers(const std::filesystem::path& path);
// Puts a file there as a whole or not at all: what was there stays until the new one is on the disk.
Result<void> WriteWhole(const std::filesystem::path& path, const std::string& text);

}  // namespace patchbay::accounts
