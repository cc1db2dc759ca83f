#include "workers/accounts/providers/providers.h"

#include <algorithm>

#include "workers/accounts/providers/codex/codex.h"

namespace patchbay::accounts {
namespace {

constexpr Provider kProviders[] = {kCodexProvider};

}  // namespace

std::span<const Provider> Providers() { return kProviders; }

const Provider* FindProvider(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kProviders), std::end(kProviders), [&](const Provider& row) { return row.name == name; });
  return found == std::end(kProviders) ? nullptr : found;
}

const Provider& DefaultProvider() { return kProviders[0]; }

const Provider& SocketProvider() {
  static_assert(kProviders[0].sockets);
  return kProviders[0];
}

}  // namespace patchbay::accounts
