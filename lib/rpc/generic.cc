// The part of Server that answers methods it does not know: bytes in, bytes out.
#include <grpcpp/generic/async_generic_service.h>

#include "lib/rpc/server.h"

namespace patchbay::rpc {

struct Server::GenericCall {
  GenericCall() : stream(&context) {}
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter stream;
  grpc::ByteBuffer request;
};

void Server::Generic(std::vector<std::string> services, GenericHandler handler) {
  services_.insert(services.begin(), services.end());
  generic_ = std::make_unique<grpc::AsyncGenericService>();
  builder_.RegisterAsyncGenericService(generic_.get());
  loops_.push_back([this, handler = std::move(handler)] { return GenericLoop(handler); });
}

Awaitable<void> Server::GenericLoop(GenericHandler handler) {
  for (;;) {
    auto call = std::make_shared<GenericCall>();
    const bool ok = co_await reactor_.Run(
        [&](void* tag) { generic_->RequestCall(&call->context, &call->stream, queue_, queue_, tag); });
    if (!ok) co_return;
    async::Spawn(reactor_.io(), "relayed call", ServeGeneric(std::move(call), handler));
  }
}

Awaitable<void> Server::ServeGeneric(std::shared_ptr<GenericCall> call, GenericHandler handler) {
  Result<CallInfo> info = Admit(call->context, call->context.method());
  if (!info.ok()) {
    const grpc::Status status = ToStatus(info.error());
    co_await reactor_.Run([&](void* tag) { call->stream.Finish(status, tag); });
    co_return;
  }
  if (!co_await reactor_.Run([&](void* tag) { call->stream.Read(&call->request, tag); })) {
    const grpc::Status status(grpc::StatusCode::INVALID_ARGUMENT, "no request message");
    co_await reactor_.Run([&](void* tag) { call->stream.Finish(status, tag); });
    co_return;
  }
  const Ended ended = observer_ ? observer_(*info, nullptr, &call->request) : nullptr;
  std::optional<Result<grpc::ByteBuffer>> reply;
  try {
    reply.emplace(co_await handler(std::move(info).value(), std::move(call->request)));
  } catch (...) {
    reply.emplace(Threw(call->context.method(), std::current_exception()));
  }
  if (ended) ended(reply->ok() ? nullptr : &reply->error());
  const grpc::Status status = reply->ok() ? grpc::Status::OK : ToStatus(reply->error());
  if (reply->ok()) {
    co_await reactor_.Run([&](void* tag) { call->stream.WriteAndFinish(**reply, grpc::WriteOptions(), status, tag); });
  } else {
    co_await reactor_.Run([&](void* tag) { call->stream.Finish(status, tag); });
  }
}

}  // namespace patchbay::rpc
