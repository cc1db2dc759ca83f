// Who may call the bridge. Ollama asks for no key, so its Host and Origin are what keeps web pages out
// (client-protocols §F.2); a token may be asked for besides. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"
#include "lib/net/host_guard.h"
#include "workers/ollama/server/settings.h"

namespace patchbay::ollama {

class Guard {
 public:
  // `machine` is this machine's own name.
  Guard(std::vector<net::ListenAddress> listen, std::string machine, const Settings& settings);
  // For requests from now on.
  void SetSettings(const Settings& settings);

  // kPermissionDenied for a Host or an Origin that is none of ours. Where a token is asked for, a page of anybody's
  // could send it as little as anybody else, so every Host is right.
  Result<void> CheckSource(const net::HttpRequest& request) const { return hosts_.Check(request); }
  // kUnauthenticated without the token that is asked for: as a bearer token, or where Anthropic's clients put theirs.
  Result<void> CheckToken(const net::HttpRequest& request) const;

  // The value for Access-Control-Allow-Origin.
  std::optional<std::string_view> AllowedOrigin(const net::HttpRequest& request) const {
    return hosts_.AllowedOrigin(request);
  }

 private:
  std::vector<net::ListenAddress> listen_;
  std::string machine_;
  Secret token_;
  net::HostGuard hosts_{{}};
};

// The headers of the answer to a preflight, besides the origin.
net::HttpHeaders PreflightHeaders();

}  // namespace patchbay::ollama
