// The rules of each listening socket: who may call by it, and what it shows to clients that speak TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/host_guard.h"
#include "lib/net/tls_context.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {

// The supervisor's sockets, as they were at the start: a reload changes their rules only. A listener's place among them
// is its id (net::ListenerOptions).
class Listeners {
 public:
  // A listening socket's name, and where it really listens.
  struct Open {
    std::string name;
    std::vector<net::ListenAddress> addresses;
  };
  // Nobody may call before Apply.
  explicit Listeners(std::vector<Open> open);

  // Reads every certificate and takes all the rules, for connections and requests from now on. An error names the
  // setting, and nothing has changed: a certificate that cannot be used, or keys that are not asked for on a socket of
  // systemd's that others can reach. A listener that the settings no longer have keeps its rules until its socket is
  // gone. The result: settings that name a file which holds something else than at the reading before.
  Result<std::vector<std::string>> Apply(const std::vector<ListenerSettings>& settings);

  std::size_t size() const { return all_.size(); }
  const std::string& name(std::size_t id) const { return all_[id].socket.name; }
  // Null for plain HTTP.
  const std::shared_ptr<const net::TlsContext>& tls(std::size_t id) const { return all_[id].tls; }
  const net::HostGuard& guard(std::size_t id) const { return all_[id].guard; }
  // Who calls without a key, where none is asked for: accounts and the usage rows know all of them by the listener.
  const std::optional<ClientKey>& keyless(std::size_t id) const { return all_[id].keyless; }

 private:
  struct Listener {
    Open socket;
    std::shared_ptr<const net::TlsContext> tls;
    net::HostGuard guard{{}};
    std::optional<ClientKey> keyless;
  };
  std::vector<Listener> all_;
};

}  // namespace patchbay::frontend
