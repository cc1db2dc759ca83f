// The providers, as their rows say: where each one is, whom we trust there, how it is spoken to and as whom.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/identity/profiles/profile.h"
#include "workers/upstream/transport/tls_context.h"
#include "workers/upstream/transport/url.h"

namespace patchbay::upstream {

// A place to send requests to.
struct Target {
  Authority authority;
  std::string path;
  std::shared_ptr<TlsContext> tls;  // null for plain http
};

struct Provider {
  std::string name;  // its id
  catalog::v1::Provider row;
  // Null for one that this program cannot speak: its calls are answered with an error.
  std::shared_ptr<const Dialect> dialect;
  const Profile* profile = nullptr;
  bool allow_private = false;
  // Places that the row does not have are without a path.
  Target base, generate, usage, reset_credits, redeem, models;
  // Of logins: these show no credential.
  Target token, device, device_token, revoke;
  // Where a login becomes a token of minutes: shown what the caller brings.
  Target session;

  // Calls show the caller's own login.
  bool wants_callers_login() const { return row.auth().mode() == "forward"; }
  // A path below the base URL.
  Target Below(std::string_view path) const;
};

class Providers {
 public:
  // Rows without an address are left out. kInvalidArgument for a URL that is none, for plain http to a provider without
  // allow_private, for an unknown profile, and for a CA file that cannot be read; `where` names the setting.
  static Result<Providers> FromConfig(const config::v1::Config& config);

  // Shared, so that a call keeps what it began with when the configuration changes. Null: unknown.
  std::shared_ptr<const Provider> Find(const std::string& name) const;

 private:
  std::map<std::string, std::shared_ptr<const Provider>> providers_;
};

}  // namespace patchbay::upstream
