// The supervisor's end of a worker's Attach stream.
#pragma once

#include <deque>
#include <utility>

#include "lib/async/event.h"
#include "patchbay/worker/v1/supervision.pb.h"

namespace patchbay::supervisor {

// Orders wait here until the stream's writer has sent them.
struct Link {
  explicit Link(asio::any_io_executor executor) : more(executor), written(executor) {}
  // Of orders about who lives only the latest matters: a worker that reads slowly does not gather them.
  void Push(worker::v1::SupervisorOrder order) {
    if (order.has_alive()) std::erase_if(orders, [](const auto& waiting) { return waiting.has_alive(); });
    orders.push_back(std::move(order));
    more.Notify();
  }
  std::deque<worker::v1::SupervisorOrder> orders;
  async::Event more;
  async::Event written;
  bool closed = false;
};

}  // namespace patchbay::supervisor
