// grpc.reflection, v1 and v1alpha: the two differ in nothing but their name.
#pragma once

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/server.h"

namespace patchbay::rpc {

class Introspection::Reflection {
 public:
  // Lists the services that are linked into this process and answered by `server`.
  explicit Reflection(Server& server);

 private:
  grpc::reflection::v1::ServerReflection::AsyncService v1_;
  grpc::reflection::v1alpha::ServerReflection::AsyncService v1alpha_;
};

}  // namespace patchbay::rpc
