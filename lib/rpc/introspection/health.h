// grpc.health.v1: one answer for the whole process, and for each of its services the same.
#pragma once

#include <memory>
#include <set>

#include "grpc/health/v1/health.grpc.pb.h"
#include "lib/async/event.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/server.h"

namespace patchbay::rpc {

class Introspection::Health {
 public:
  explicit Health(Server& server);
  void SetServing(bool serving);

 private:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;
  static bool Known(const std::string& service);
  Awaitable<Result<void>> Watch(Request request, std::shared_ptr<ServerWriter<Response>> writer);

  Server& server_;
  grpc::health::v1::Health::AsyncService service_;
  bool serving_ = false;
  std::set<std::shared_ptr<async::Event>> watchers_;
};

}  // namespace patchbay::rpc
