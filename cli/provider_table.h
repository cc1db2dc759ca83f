// The providers' rows, for people.
#pragma once

#include <map>
#include <string>

#include "cli/table.h"
#include "patchbay/catalog/v1/provider.pb.h"

namespace patchbay::cli {

using ProviderRows = std::map<std::string, catalog::v1::Provider>;

Table ProviderTable(const ProviderRows& rows);

}  // namespace patchbay::cli
