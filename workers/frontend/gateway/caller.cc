#include "workers/frontend/gateway/caller.h"

#include <utility>

#include "lib/keyterms/network.h"

namespace patchbay::frontend {
namespace {

// What accounts and the usage rows know a caller without a client key by, before its name.
constexpr std::string_view kKeylessCaller = "worker:";

bool MayGoWithoutKey(roster::Role role) { return role == roster::Role::kOllama || role == roster::Role::kExtra; }

// "worker:ollama", "worker:NAME" of an extra worker, "worker:ollama:NAME" of a certificate.
std::string OwnId(const GatewayPeer& peer) {
  const bool extra = peer.role == roster::Role::kExtra && !peer.remote;
  std::string id =
      std::string(kKeylessCaller).append(extra ? std::string_view(peer.name) : roster::ToString(peer.role));
  if (peer.remote) id += ":" + peer.name;
  return id;
}

}  // namespace

Awaitable<Result<GatewayCaller>> GatewayCallers::Know(GatewayPeer peer) const {
  GatewayCaller caller;
  caller.address = keyterms::PlainAddress(peer.address);
  if (peer.keys.empty() && MayGoWithoutKey(peer.role)) {
    caller.key.id = caller.key.name = OwnId(peer);
    co_return caller;
  }
  if (peer.keys.empty()) {
    co_return Error(ErrorCode::kUnauthenticated,
                    "no client key: send it in the metadata as 'authorization: Bearer <key>'")
        .From(Origin::kClient);
  }
  CO_ASSIGN_OR_RETURN(caller.key, co_await check_(std::move(peer.keys)));
  if (caller.key.terms != nullptr && !keyterms::AllowsSource(*caller.key.terms, caller.address)) {
    co_return Error(ErrorCode::kPermissionDenied, "this client key may not be used from " + caller.address)
        .From(Origin::kClient);
  }
  co_return caller;
}

}  // namespace patchbay::frontend
