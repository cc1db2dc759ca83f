#include "workers/upstream/providers/providers.h"

#include <utility>

#include "workers/upstream/dialects/registry.h"
#include "workers/upstream/identity/profiles/header_profile.h"
#include "workers/upstream/providers/rows.h"

namespace patchbay::upstream {
namespace {

Result<Url> ReadUrl(const std::string& configured, std::string_view fallback, bool allow_private,
                    const std::string& setting) {
  Result<Url> url = ParseUrl(configured.empty() ? fallback : std::string_view(configured));
  if (!url.ok()) return Error(url.error()).At(setting);
  // A credential in the clear is for a machine of one's own only.
  if (!url->authority.tls && !allow_private) {
    return Error(ErrorCode::kInvalidArgument, "plain http needs allow_private: true").At(setting);
  }
  return url;
}

Result<std::shared_ptr<const Provider>> Build(const ProviderRow& row, const config::v1::Provider& config) {
  const std::string setting = "providers." + std::string(row.name);
  ASSIGN_OR_RETURN(const Url base,
                   ReadUrl(config.base_url(), row.base_url, config.allow_private(), setting + ".base_url"));
  ASSIGN_OR_RETURN(const Url auth, ReadUrl(config.auth_base_url(), row.auth_base_url, config.allow_private(),
                                           setting + ".auth_base_url"));
  Result<std::shared_ptr<TlsContext>> tls = TlsContext::Create(config.ca_file());
  if (!tls.ok()) return Error(tls.error()).At(setting + ".ca_file");

  auto provider = std::make_shared<Provider>();
  provider->name = row.name;
  provider->dialect = FindDialect(row.dialect);
  PATCHBAY_CHECK(provider->dialect != nullptr);  // a row of ours
  provider->allow_private = config.allow_private();
  const auto target = [&](const Url& url, std::string path) {
    return Target{url.authority, std::move(path), url.authority.tls ? *tls : nullptr};
  };
  provider->base = target(base, base.path);
  provider->generate = provider->Below(provider->dialect->generate_path());
  provider->models = target(base, base.path + std::string(row.models_path) + std::string(kClientVersion));
  provider->token = target(auth, auth.path + std::string(row.token_path));
  constexpr std::string_view kPrefix = "/backend-api";
  const std::size_t prefix = base.path.find(kPrefix);
  provider->usage = target(base, prefix == std::string::npos
                                     ? base.path + std::string(row.usage_path_without_prefix)
                                     : base.path.substr(0, prefix + kPrefix.size()) + std::string(row.usage_path));
  return std::shared_ptr<const Provider>(std::move(provider));
}

}  // namespace

Target Provider::Below(std::string_view path) const {
  Target below = base;
  below.path.append(path);
  return below;
}

Result<Providers> Providers::FromConfig(const config::v1::Config& config) {
  Providers providers;
  for (const ProviderRow& row : BuiltInProviders()) {
    const std::string name(row.name);
    const auto configured = config.providers().find(name);
    ASSIGN_OR_RETURN(providers.providers_[name],
                     Build(row, configured == config.providers().end() ? config::v1::Provider() : configured->second));
  }
  return providers;
}

std::shared_ptr<const Provider> Providers::Find(const std::string& name) const {
  const auto found = providers_.find(name);
  return found == providers_.end() ? nullptr : found->second;
}

}  // namespace patchbay::upstream
