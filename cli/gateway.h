// The running gateway, reached through its admin socket with blocking calls: a command has nothing else to do.
#pragma once

#include <grpcpp/client_context.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "cli/context.h"
#include "patchbay/accounts/v1/account_admin.grpc.pb.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"
#include "patchbay/admin/v1/admin.grpc.pb.h"
#include "patchbay/gateway/v1/recorder.grpc.pb.h"

namespace patchbay::cli {

inline constexpr std::chrono::seconds kCallTimeout{15};
// Operations that wait for a worker or a provider.
inline constexpr std::chrono::seconds kLongCallTimeout{120};

class Gateway {
 public:
  // kUnavailable at kAdminSocket: nobody listens there.
  static Result<Gateway> Open(const Context& context);

  admin::v1::Admin::Stub& admin() { return *admin_; }
  accounts::v1::AccountAdmin::Stub& accounts() { return *accounts_; }
  accounts::v1::Models::Stub& models() { return *models_; }
  gateway::v1::Recorder::Stub& recorder() { return *recorder_; }

 private:
  explicit Gateway(const std::shared_ptr<grpc::Channel>& channel);
  std::unique_ptr<admin::v1::Admin::Stub> admin_;
  std::unique_ptr<accounts::v1::AccountAdmin::Stub> accounts_;
  std::unique_ptr<accounts::v1::Models::Stub> models_;
  std::unique_ptr<gateway::v1::Recorder::Stub> recorder_;
};

Error FromStatus(const grpc::Status& status);

// One call: Call(gateway.admin(), &Admin::Stub::GetStatus, request).
template <class Stub, class Request, class Reply>
Result<Reply> Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                   const Request& request, std::chrono::seconds timeout = kCallTimeout) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  // So that the trail of changes says who asked (docs/events.md).
  context.AddMetadata("patchbay-pid", std::to_string(getpid()));
  Reply reply;
  const auto status = (stub.*method)(&context, request, &reply);
  if (!status.ok()) return FromStatus(status);
  return reply;
}

}  // namespace patchbay::cli
