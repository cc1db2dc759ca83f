// The two layers that lie over the built-in defaults, and the check of the whole.
#pragma once

#include <map>
#include <string>

#include "lib/config/findings.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::config {

// Sets in `config` what the YAML `text` says; `file` is how messages name it.
void ApplyYaml(const std::string& text, const std::string& file, config::v1::Config& config, Findings& findings);

// Sets in `config` what variables of the form PATCHBAY_<SECTION>__<KEY>[__<KEY>] say, and OLLAMA_BRIDGE_* before them.
// Variables of ours without a double underscore (PATCHBAY_STATE_DIR, …) are not settings.
void ApplyEnvironment(const std::map<std::string, std::string>& environment, config::v1::Config& config,
                      Findings& findings);

// Bounds, addresses, URLs, files, names, and what two settings say about each other.
void Validate(const config::v1::Config& config, Findings& findings);

// The same of its providers: that each row is whole and says what we understand.
void ValidateProviders(const config::v1::Config& config, Findings& findings);

// The rows that the program brings (catalog/*.yaml), by id.
using Rows = google::protobuf::Map<std::string, catalog::v1::Provider>;
const Rows& CatalogRows();

}  // namespace patchbay::config
