// What the engine needs from whoever talks to providers: a stream per call. The upstream worker
// serves it in production, a script in tests.
#pragma once

#include <memory>

#include "lib/async/asio.h"
#include "lib/rpc/stream.h"
#include "patchbay/upstream/v1/upstream.pb.h"

namespace patchbay::frontend {

using CallStream = rpc::Stream<upstream::v1::CallRequest, upstream::v1::CallReply>;

class UpstreamCaller {
 public:
  virtual ~UpstreamCaller() = default;
  // Never fails: a call that could not start shows it at its first Send or Receive.
  virtual Awaitable<std::unique_ptr<CallStream>> Open() = 0;
};

}  // namespace patchbay::frontend
