// The models that a caller of the gateway's service may ask for. Pure.
#pragma once

#include "patchbay/accounts/v1/models.pb.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/http/client_auth.h"

namespace patchbay::frontend {

// Without hidden ones, and without what the key's terms do not allow; with those for embeddings, which other lists
// hide.
gateway::v1::ListModelsReply ListedModels(const accounts::v1::ListModelsReply& models, const ClientKey& key);

}  // namespace patchbay::frontend
