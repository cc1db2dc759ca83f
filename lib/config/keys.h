// The secrets that the configuration names, those of providers' rows first of all: never in it, for people show it to
// each other, but where it points.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/config/findings.h"
#include "lib/config/loader.h"

namespace patchbay::config {

inline constexpr std::size_t kMaxKeyBytes = 64 * 1024;

// What is wrong with what a row says under `keys`; empty when it names a variable or a file. Never shows it: it may be
// a key.
std::string ReferenceProblem(const std::string& reference);

// What a reference of that form points at. The problem never shows it.
Result<Secret> ReadReference(const std::string& reference, const EnvironmentMap& environment);

// Every key of every provider, each once, and what ollama.token and ollama.key name, under the setting's name in place
// of a provider's. What cannot be read is found at the place of the setting that names it.
std::vector<ProviderKey> ReadKeys(const config::v1::Config& config, const EnvironmentMap& environment,
                                  Findings& findings);

// The tokens of `accounts.users`, each with its name. One that cannot be read, that examples use, that is too short or
// that two rows have is found at the place of the setting that names it.
std::vector<UserToken> ReadUsers(const config::v1::Config& config, const EnvironmentMap& environment,
                                 Findings& findings);

}  // namespace patchbay::config
