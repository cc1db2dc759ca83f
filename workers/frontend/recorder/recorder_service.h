// patchbay.gateway.v1.Recorder over a Recorder.
#pragma once

#include <memory>

#include "workers/frontend/recorder/recorder.h"

namespace patchbay::rpc {
class Server;
}

namespace patchbay::frontend {

class RecorderService {
 public:
  // `recorder` outlives the service.
  explicit RecorderService(Recorder& recorder);
  ~RecorderService();
  void RegisterOn(rpc::Server& server);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
