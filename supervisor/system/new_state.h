// Whether a state directory without accounts is a first start or the wrong directory. A database that was lost accounts
// refuses by itself (workers/accounts/store/lost_database); a directory that never had one looks like any first start,
// and clients would meet an empty pool without a word.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "supervisor/system/directories.h"

namespace patchbay::supervisor {

// The places where a patchbayd that is started otherwise would keep its state, `options.state_dir` aside.
std::vector<std::filesystem::path> UsualStatePlaces(const std::map<std::string, std::string>& environment);

// What a person should know of a state directory that is new; empty for one that is not, and for a first start that
// nothing speaks against. `expects` are the settings that name accounts or keys, as a person wrote them.
std::string DoubtOfState(const std::filesystem::path& state, const std::vector<std::filesystem::path>& usual_places,
                         const std::vector<std::string>& expects);

}  // namespace patchbay::supervisor
