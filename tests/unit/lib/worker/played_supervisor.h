// A supervisor that a test plays to a worker's line: the Attach stream on a real Unix socket.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/worker/v1/supervision.grpc.pb.h"

namespace patchbay::worker {

class PlayedSupervisor : public ::testing::Test, protected testing::RpcFixture {
 protected:
  using Stream = rpc::ServerStream<v1::WorkerReport, v1::SupervisorOrder>;

  PlayedSupervisor() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    server_.Register(service_);
    server_.Bidi(service_, &v1::Supervision::AsyncService::RequestAttach,
                 [this](rpc::CallInfo, std::shared_ptr<Stream> stream) { return Supervise(std::move(stream)); });
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }
  // Calls end before what serves them goes.
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }

  // One worker, from its hello until it leaves or is left.
  virtual Awaitable<Result<void>> Supervise(std::shared_ptr<Stream> stream) = 0;

  std::string Address() const { return "unix:" + listener_.path; }
  Secret Token(rpc::Role role, const std::string& worker, int generation) {
    return issuer_->Issue({.role = role, .worker = worker, .generation = generation});
  }

  std::vector<std::string> told_;  // what Supervise wrote down

 private:
  rpc::Server server_;
  v1::Supervision::AsyncService service_;
};

}  // namespace patchbay::worker
