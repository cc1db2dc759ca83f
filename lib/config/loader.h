// The configuration, from file and environment to one validated message.
//
// What a setting is called, its default and its bounds stand in proto/patchbay/config/v1 and nowhere else: the loader
// walks those descriptors. Three layers, each over the one before: built-in defaults, the YAML file, the environment
// (PATCHBAY_<SECTION>__<KEY>). Then the whole is validated, and every mistake found is reported at once, each with
// the place where it was made.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::config {

using EnvironmentMap = std::map<std::string, std::string>;

// The environment of this process.
EnvironmentMap ProcessEnvironment();

// One of the keys that a provider's row names.
struct ProviderKey {
  std::string provider;
  std::string reference;  // as it is written: "${OPENAI_API_KEY}", "/etc/patchbay/openai.key"
  Secret key;
};

// The token of a row of `accounts.users`, which nobody needs to know any more.
struct UserToken {
  std::string name;
  std::string sha256;  // 32 bytes
  std::string hint;    // its end
};

struct Loaded {
  config::v1::Config config;
  std::string source;  // the file's path, or "built-in defaults"
  std::vector<ProviderKey> keys;
  std::vector<UserToken> users;
};

// Whether the keys and tokens that rows name are read too. Only who is to serve must be able to.
enum class ProviderKeys { kNamed, kRead };

// Without `file`: $PATCHBAY_CONFIG, /etc/patchbay/patchbay.yaml, ~/.config/patchbay/patchbay.yaml, else no file.
// A file that was named must exist. kInvalidArgument: the message has one line per mistake, "file:line: what".
Result<Loaded> LoadConfig(std::optional<std::filesystem::path> file, const EnvironmentMap& environment,
                          ProviderKeys keys = ProviderKeys::kNamed);

// The built-in defaults alone.
config::v1::Config DefaultConfig();

// As a file that LoadConfig reads back to the same message. Of providers it has what differs from the rows that the
// program brings.
std::string ToYaml(const config::v1::Config& config);

// A provider's whole row, as it could stand in a configuration file.
std::string RowToYaml(const std::string& id, const catalog::v1::Provider& row);
// Whether the program brings the row of that id.
bool IsCatalogRow(const std::string& id);

// A JSON Schema (draft 2020-12) of the file; `x-patchbay-apply` says "live" or "restart" for each setting.
std::string ToSchema();

struct Change {
  std::string path;  // "frontend.limits.body_bytes", "providers.mine"
  bool needs_restart = false;
};
// What differs, in the file's order.
std::vector<Change> Diff(const config::v1::Config& before, const config::v1::Config& after);

}  // namespace patchbay::config
