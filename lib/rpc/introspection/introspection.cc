#include "lib/rpc/introspection/introspection.h"

#include "lib/rpc/introspection/channelz.h"
#include "lib/rpc/introspection/health.h"
#include "lib/rpc/introspection/reflection.h"

namespace patchbay::rpc {

Introspection::Introspection(Server& server)
    : health_(std::make_unique<Health>(server)),
      reflection_(std::make_unique<Reflection>(server)),
      channelz_(std::make_unique<Channelz>(server)) {}

Introspection::~Introspection() = default;

void Introspection::SetServing(bool serving) { health_->SetServing(serving); }

}  // namespace patchbay::rpc
