// Where what workers tell operators meets: into the ring, to those who watch, and to whoever passes it on.
// Single-threaded.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/async/broadcast.h"
#include "lib/base/random.h"
#include "supervisor/events/event_ring.h"

namespace patchbay::supervisor {

class EventHub {
 public:
  explicit EventHub(asio::io_context& io) : changed_(io), run_(RandomId("run_")) {}

  void Tell(std::string worker, events::v1::Event event) {
    const SeenEvent& seen = ring_.Add(std::move(worker), std::move(event));
    changed_.Notify();
    for (const auto& listener : listeners_) listener(seen);
  }
  // Called with every event from now on.
  void Listen(std::function<void(const SeenEvent&)> listener) { listeners_.push_back(std::move(listener)); }

  const EventRing& ring() const { return ring_; }
  async::Broadcast& changed() { return changed_; }
  // Names this life of the supervisor, in which events are numbered.
  const std::string& run() const { return run_; }

 private:
  EventRing ring_;
  async::Broadcast changed_;
  std::string run_;
  std::vector<std::function<void(const SeenEvent&)>> listeners_;
};

}  // namespace patchbay::supervisor
