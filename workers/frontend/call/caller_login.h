// The login that a client has of its own at a provider. It passes through to providers whose row says so (auth.mode
// forward) and to nobody else, and lives as long as the request that brought it.
#pragma once

#include <string>

#include "lib/base/secret.h"
#include "patchbay/upstream/v1/upstream.pb.h"

namespace patchbay::frontend {

struct CallerLogin {
  Secret access_token;  // empty: it showed none
  std::string provider_account_id;
  bool fedramp = false;
};

// As upstream takes it.
inline void Write(const CallerLogin& login, upstream::v1::CallerLogin& out) {
  out.set_access_token(login.access_token.Reveal());
  out.set_provider_account_id(login.provider_account_id);
  out.set_fedramp(login.fedramp);
}

}  // namespace patchbay::frontend
