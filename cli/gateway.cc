#include "cli/gateway.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/exit.h"
#include "lib/base/descriptor.h"

namespace patchbay::cli {
namespace {

Error NotRunning(const std::string& socket) {
  return Error(ErrorCode::kUnavailable,
               "the gateway is not running (no socket at " + socket + "); start it with ./dev run or patchbayd serve")
      .At(kAdminSocket);
}

// gRPC tells "nobody is there" from "try again" badly, so the socket is tried by hand first.
Result<void> Probe(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path))
    return UsageError("the path " + socket_path + " is too long for a socket");
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return Error(ErrorCode::kInternal, std::string("cannot make a socket: ") + std::strerror(errno));
  const bool connected = connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int problem = errno;
  if (connected || problem == EAGAIN || problem == EINPROGRESS) return {};
  if (problem == EACCES || problem == EPERM) {
    return Error(ErrorCode::kPermissionDenied,
                 "may not open " + socket_path + ": run this as root or as the user that runs patchbayd");
  }
  return NotRunning(socket_path);
}

}  // namespace

Gateway::Gateway(const std::shared_ptr<grpc::Channel>& channel)
    : admin_(admin::v1::Admin::NewStub(channel)),
      accounts_(accounts::v1::AccountAdmin::NewStub(channel)),
      models_(accounts::v1::Models::NewStub(channel)),
      recorder_(gateway::v1::Recorder::NewStub(channel)) {}

Result<Gateway> Gateway::Open(const Context& context) {
  std::error_code error;
  const auto directory = std::filesystem::absolute(RuntimeDir(context), error);
  const auto socket = (directory / kAdminSocket).string();
  RETURN_IF_ERROR(Probe(socket));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return Gateway(grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments));
}

Error FromStatus(const grpc::Status& status) {
  const auto code = [&] {
    switch (status.error_code()) {
      case grpc::StatusCode::INVALID_ARGUMENT:
      case grpc::StatusCode::OUT_OF_RANGE: return ErrorCode::kInvalidArgument;
      case grpc::StatusCode::UNAUTHENTICATED: return ErrorCode::kUnauthenticated;
      case grpc::StatusCode::PERMISSION_DENIED: return ErrorCode::kPermissionDenied;
      case grpc::StatusCode::NOT_FOUND: return ErrorCode::kNotFound;
      case grpc::StatusCode::ALREADY_EXISTS: return ErrorCode::kAlreadyExists;
      case grpc::StatusCode::FAILED_PRECONDITION: return ErrorCode::kFailedPrecondition;
      case grpc::StatusCode::RESOURCE_EXHAUSTED: return ErrorCode::kResourceExhausted;
      case grpc::StatusCode::UNIMPLEMENTED: return ErrorCode::kUnsupported;
      case grpc::StatusCode::UNAVAILABLE: return ErrorCode::kUnavailable;
      case grpc::StatusCode::DEADLINE_EXCEEDED: return ErrorCode::kDeadlineExceeded;
      case grpc::StatusCode::CANCELLED: return ErrorCode::kCancelled;
      default: return ErrorCode::kInternal;
    }
  }();
  auto text = Printable(status.error_message());
  if (text.empty()) text = "the gateway answered " + std::string(ToString(code));
  return {code, text};
}

}  // namespace patchbay::cli
