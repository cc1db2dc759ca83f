// Makes one connection to a provider: its name, TCP, TLS.
//
// Single-threaded. The object must outlive its coroutine: keep it in the caller's frame.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "lib/async/watchdog.h"
#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/pool.h"
#include "workers/upstream/transport/resolver.h"
#include "workers/upstream/transport/road.h"

namespace patchbay::upstream {

struct TransportFailure {
  inference::v1::FailureStage stage = inference::v1::FAILURE_STAGE_UNSPECIFIED;
  std::string message;
  bool timed_out = false;
  bool cancelled = false;
};

class Connector {
 public:
  explicit Connector(std::shared_ptr<ConnectionPool> pool);

  // Null: see failure(). Several addresses are tried one after another. `key`: which TLS sessions may be
  // resumed.
  Awaitable<std::unique_ptr<Stream>> Connect(Destination to, ConnectionKey key, SteadyTime deadline);
  // Whatever waits gives up now, and so does every later Connect.
  void Cancel();

  const TransportFailure& failure() const { return failure_; }
  // How long the last Connect took.
  std::chrono::nanoseconds time() const { return time_; }

 private:
  Awaitable<bool> ConnectTo(const Destination& to, const ConnectionKey& key, asio::ip::tcp::endpoint endpoint,
                            SteadyTime deadline);
  bool Fail(inference::v1::FailureStage stage, std::string message);
  void GiveUp();

  std::shared_ptr<ConnectionPool> pool_;
  async::Watchdog watchdog_;
  std::unique_ptr<Stream> stream_;
  std::shared_ptr<Resolution> resolution_;
  TransportFailure failure_;
  std::chrono::nanoseconds time_{0};
  bool timed_out_ = false;
  bool cancelled_ = false;
};

}  // namespace patchbay::upstream
