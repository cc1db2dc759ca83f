#include "workers/frontend/recorder/recorder_service.h"

#include "lib/log/log.h"
#include "lib/rpc/server.h"
#include "lib/time/proto_time.h"
#include "patchbay/gateway/v1/recorder.grpc.pb.h"

namespace patchbay::frontend {

class RecorderService::Impl {
 public:
  explicit Impl(Recorder& recorder) : recorder_(recorder) {}

  Awaitable<Result<gateway::v1::NextRecordingReply>> Next(gateway::v1::NextRecordingRequest request) {
    if (request.fresh()) recorder_.Clear();
    const RecordingPtr recording = co_await recorder_.Next(ToMilliseconds(request.wait()));
    gateway::v1::NextRecordingReply reply;
    if (recording != nullptr) {
      // Somebody has taken a client's words out of the gateway: that is worth a line.
      log::Info("call.recorded", {{"request", recording->request_id()}, {"dialect", recording->dialect()}});
      *reply.mutable_recording() = std::move(*recording);
    }
    co_return reply;
  }

  gateway::v1::Recorder::AsyncService service_;

 private:
  Recorder& recorder_;
};

RecorderService::RecorderService(Recorder& recorder) : impl_(std::make_unique<Impl>(recorder)) {}
RecorderService::~RecorderService() = default;

void RecorderService::RegisterOn(rpc::Server& server) {
  server.Register(impl_->service_);
  server.Unary(impl_->service_, &gateway::v1::Recorder::AsyncService::RequestNextRecording,
               [impl = impl_.get()](rpc::CallInfo, gateway::v1::NextRecordingRequest request) {
                 return impl->Next(std::move(request));
               });
}

}  // namespace patchbay::frontend
