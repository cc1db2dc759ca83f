#include "lib/rpc/introspection/health.h"

#include <google/protobuf/descriptor.h>

namespace patchbay::rpc {

Introspection::Health::Health(Server& server) : server_(server) {
  using Service = grpc::health::v1::Health::AsyncService;
  server.Register(service_);
  server.Unary(service_, &Service::RequestCheck, [this](CallInfo, Request request) -> Awaitable<Result<Response>> {
    if (!Known(request.service())) co_return Error(ErrorCode::kNotFound, "unknown service");
    Response response;
    response.set_status(serving_ ? Response::SERVING : Response::NOT_SERVING);
    co_return response;
  });
  server.Watch(
      service_, &Service::RequestWatch,
      [this](CallInfo, Request request, std::shared_ptr<ServerWriter<Response>> writer) -> Awaitable<Result<void>> {
        return Watch(std::move(request), std::move(writer));
      });
}

bool Introspection::Health::Known(const std::string& service) {
  return service.empty() || google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service) != nullptr;
}

Awaitable<Result<void>> Introspection::Health::Watch(Request request, std::shared_ptr<ServerWriter<Response>> writer) {
  const auto changed = std::make_shared<async::Event>(server_.reactor().io().get_executor());
  watchers_.insert(changed);
  bool gone = false;
  writer->OnCancelled([&gone, changed] {
    gone = true;
    changed->Notify();
  });
  bool served = false;
  for (;;) {
    Response response;
    response.set_status(!Known(request.service()) ? Response::SERVICE_UNKNOWN
                        : serving_                ? Response::SERVING
                                                  : Response::NOT_SERVING);
    if (!co_await writer->Send(response)) break;
    if (served && !serving_) break;  // draining: the watcher should look elsewhere
    served = serving_;
    co_await changed->Wait();
    if (gone) break;
  }
  writer->OnCancelled(nullptr);
  watchers_.erase(changed);
  co_return Result<void>();
}

void Introspection::Health::SetServing(bool serving) {
  if (serving_ == serving) return;
  serving_ = serving;
  for (const auto& watcher : watchers_) watcher->Notify();
}

}  // namespace patchbay::rpc
