#include "lib/config/loader.h"

#include <fstream>
#include <iterator>
#include <string_view>

#include "lib/catalog/rows.h"
#include "lib/config/fields.h"
#include "lib/config/keys.h"
#include "lib/config/layers.h"

extern char** environ;

namespace patchbay::config {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 1 << 20;
constexpr const char* kSystemFile = "/etc/patchbay/patchbay.yaml";
constexpr const char* kUserFile = ".config/patchbay/patchbay.yaml";

std::string Lookup(const EnvironmentMap& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::optional<std::filesystem::path> FindFile(const EnvironmentMap& environment) {
  if (const auto named = Lookup(environment, "PATCHBAY_CONFIG"); !named.empty()) return named;
  std::error_code error;
  if (std::filesystem::exists(kSystemFile, error)) return kSystemFile;
  if (const auto home = Lookup(environment, "HOME"); !home.empty()) {
    const auto file = std::filesystem::path(home) / kUserFile;
    if (std::filesystem::exists(file, error)) return file;
  }
  return std::nullopt;
}

Result<std::string> ReadFile(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return Error(ErrorCode::kNotFound, file.string() + ": " + error.message());
  if (size > kMaxFileBytes) return Error(ErrorCode::kTooLarge, file.string() + ": a configuration is at most 1 MiB");
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) return Error(ErrorCode::kNotFound, file.string() + ": cannot be read");
  return text;
}

}  // namespace

EnvironmentMap ProcessEnvironment() {
  EnvironmentMap map;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) map.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return map;
}

config::v1::Config DefaultConfig() {
  config::v1::Config config;
  FillDefaults(config);
  *config.mutable_providers() = CatalogRows();
  return config;
}

const Rows& CatalogRows() {
  static const Rows rows = [] {
    config::v1::Config config;
    Findings findings;
    for (const auto& file : catalog::RowFiles())
      ApplyYaml(std::string(file.text), std::string(file.name), config, findings);
    PATCHBAY_CHECK(findings.empty());  // a mistake in a row of ours
    return config.providers();
  }();
  return rows;
}

bool IsCatalogRow(const std::string& id) { return CatalogRows().contains(id); }

Result<Loaded> LoadConfig(std::optional<std::filesystem::path> file, const EnvironmentMap& environment,
                          ProviderKeys keys) {
  if (!file.has_value()) file = FindFile(environment);
  Loaded loaded{.config = DefaultConfig(),
                .source = file.has_value() ? file->string() : "built-in defaults",
                .keys = {},
                .users = {}};
  Findings findings;
  if (file.has_value()) {
    ASSIGN_OR_RETURN(const auto text, ReadFile(*file));
    ApplyYaml(text, loaded.source, loaded.config, findings);
  }
  ApplyEnvironment(environment, loaded.config, findings);
  Validate(loaded.config, findings);
  ValidateProviders(loaded.config, findings);
  if (keys == ProviderKeys::kRead) {
    loaded.keys = ReadKeys(loaded.config, environment, findings);
    loaded.users = ReadUsers(loaded.config, environment, findings);
  }
  if (!findings.empty()) return Error(ErrorCode::kInvalidArgument, findings.Text());
  return loaded;
}

}  // namespace patchbay::config
