// Whether this frontend could serve a request now.
#pragma once

#include <memory>

#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/http/probe_handler.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/peers/lease_client.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

// The references outlive what is returned.
Readiness ReadinessOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream, const LeaseClient& leases,
                      const ClientAuth& auth, ModelCatalog& models);

}  // namespace patchbay::frontend
