#include "workers/accounts/login/wish.h"

#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

bool HasLogin(const Provider& provider) {
  const catalog::v1::OAuth& oauth = provider.row.auth().oauth();
  return LoginOf(&provider) != nullptr && !(oauth.authorize_url().empty() && oauth.device_path().empty());
}

// Where one provider has keys and logins, each kind is a row of its own, and both have the name.
const Provider* FindWithLogin(const Providers& providers, const std::string& name) {
  const Provider* provider = providers.Find(name);
  if (provider != nullptr && HasLogin(*provider)) return provider;
  for (const Provider* called : providers.Called(name)) {
    if (HasLogin(*called)) return called;
  }
  return provider;
}

}  // namespace

Result<const Provider*> ProviderFor(const Providers& providers, const LoginWish& wish) {
  const Provider* provider = wish.provider.empty() ? providers.Default() : FindWithLogin(providers, wish.provider);
  if (provider == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "unknown provider: " + wish.provider +
                                                  "; `patchbay providers list` shows those that the configuration has");
  }
  const catalog::v1::OAuth& oauth = provider->row.auth().oauth();
  if (!HasLogin(*provider)) {
    return Error(ErrorCode::kFailedPrecondition,
                 provider->title() + " has no login that patchbay can lead through" +
                     (provider->row.key_page().empty() ? "" : "; get a key at " + provider->row.key_page()));
  }
  if (oauth.client_id().empty()) {
    return Error(
        ErrorCode::kFailedPrecondition,
        "the terms of " + provider->title() +
            " keep its client id for programs of its own, so patchbay brings none: put one that you may use into "
            "providers." +
            provider->id + ".auth.oauth.client_id");
  }
  if (wish.by_device && oauth.device_path().empty()) {
    return Error(ErrorCode::kFailedPrecondition,
                 provider->title() + " has no login by a device's code; log in with a browser");
  }
  if (!wish.by_device && oauth.authorize_url().empty()) {
    return Error(ErrorCode::kFailedPrecondition,
                 provider->title() + " has no login with a browser; log in by a device's code");
  }
  return provider;
}

}  // namespace patchbay::accounts
