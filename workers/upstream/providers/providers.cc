#include "workers/upstream/providers/providers.h"

#include <utility>

#include "workers/upstream/dialects/registry.h"
#include "workers/upstream/identity/profiles/registry.h"

namespace patchbay::upstream {
namespace {

Result<Url> ReadUrl(const std::string& text, bool allow_private, const std::string& setting) {
  Result<Url> url = ParseUrl(text);
  if (!url.ok()) return Error(url.error()).At(setting);
  // A credential in the clear is for a machine of one's own only.
  if (!url->authority.tls && !allow_private) {
    return Error(ErrorCode::kInvalidArgument, "plain http needs allow_private: true").At(setting);
  }
  return url;
}

std::string WithVersion(std::string path, std::string_view version) {
  constexpr std::string_view kPlace = "{client_version}";
  if (const std::size_t at = path.find(kPlace); at != std::string::npos) path.replace(at, kPlace.size(), version);
  return path;
}

// Where quota is asked for may stand beside the base URL and not below it.
std::string UsagePath(const std::string& base, const catalog::v1::Usage& usage) {
  if (usage.path().empty()) return {};
  if (usage.behind().empty()) return base + usage.path();
  const std::size_t part = base.find(usage.behind());
  return part == std::string::npos ? base + usage.path_elsewhere()
                                   : base.substr(0, part + usage.behind().size()) + usage.path();
}

Result<std::shared_ptr<const Provider>> Build(const std::string& id, const catalog::v1::Provider& row) {
  const std::string setting = "providers." + id;
  ASSIGN_OR_RETURN(const Url base, ReadUrl(row.base_url(), row.allow_private(), setting + ".base_url"));
  Result<std::shared_ptr<TlsContext>> tls = TlsContext::Create(row.ca_file());
  if (!tls.ok()) return Error(tls.error()).At(setting + ".ca_file");

  auto provider = std::make_shared<Provider>();
  provider->name = id;
  provider->row = row;
  provider->dialect = MakeDialect(row.dialect(), row.quirks());
  provider->profile = FindProfile(row.profile());
  if (provider->profile == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "unknown profile '" + row.profile() + "'").At(setting + ".profile");
  }
  provider->allow_private = row.allow_private();
  const auto target = [&](const Url& url, std::string path) {
    return Target{url.authority, std::move(path), url.authority.tls ? *tls : nullptr};
  };
  provider->base = target(base, base.path);
  if (provider->dialect != nullptr) provider->generate = provider->Below(provider->dialect->generate_path());
  if (!row.models().path().empty()) {
    provider->models = target(base, base.path + WithVersion(row.models().path(), provider->profile->client_version()));
  }
  const std::string usage = UsagePath(base.path, row.usage());
  provider->usage = target(base, usage);
  if (!usage.empty() && !row.usage().reset_credits().empty()) {
    const std::string credits = usage.substr(0, usage.rfind('/') + 1) + row.usage().reset_credits();
    provider->reset_credits = target(base, credits);
    provider->redeem = target(base, credits + "/consume");
  }
  const catalog::v1::OAuth& oauth = row.auth().oauth();
  if (oauth.token_path().empty()) return std::shared_ptr<const Provider>(std::move(provider));
  ASSIGN_OR_RETURN(const Url auth, ReadUrl(row.auth_base_url(), row.allow_private(), setting + ".auth_base_url"));
  const auto below = [&](const std::string& path) { return path.empty() ? Target() : target(auth, auth.path + path); };
  provider->token = below(oauth.token_path());
  provider->device = below(oauth.device_path());
  provider->device_token = oauth.device_token_path().empty() ? provider->token : below(oauth.device_token_path());
  provider->revoke = below(oauth.revoke_path());
  if (oauth.session_url().starts_with('/')) {
    provider->session = below(oauth.session_url());
  } else if (!oauth.session_url().empty()) {
    ASSIGN_OR_RETURN(const Url session,
                     ReadUrl(oauth.session_url(), row.allow_private(), setting + ".auth.oauth.session_url"));
    provider->session = target(session, session.path);
  }
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
  for (const auto& [id, row] : config.providers()) {
    if (row.base_url().empty()) continue;
    ASSIGN_OR_RETURN(providers.providers_[id], Build(id, row));
  }
  return providers;
}

std::shared_ptr<const Provider> Providers::Find(const std::string& name) const {
  const auto found = providers_.find(name);
  return found == providers_.end() ? nullptr : found->second;
}

}  // namespace patchbay::upstream
