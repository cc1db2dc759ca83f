// grpc.channelz.v1: gRPC's core keeps the numbers and tells them as JSON; this serves them.
#pragma once

#include "grpc/channelz/v1/channelz.grpc.pb.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/server.h"

namespace patchbay::rpc {

class Introspection::Channelz {
 public:
  explicit Channelz(Server& server);

 private:
  grpc::channelz::v1::Channelz::AsyncService service_;
};

}  // namespace patchbay::rpc
