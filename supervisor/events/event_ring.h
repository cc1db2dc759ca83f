// The last events, numbered, so that a reader that comes back knows what it missed. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "patchbay/events/v1/event.pb.h"

namespace patchbay::supervisor {

struct SeenEvent {
  std::int64_t sequence = 0;
  std::string worker;  // who saw it
  events::v1::Event event;
};

class EventRing {
 public:
  static constexpr std::size_t kEvents = 1000;
  static constexpr std::size_t kTextBytes = 512;  // of each text in an event

  // Texts that are too long are cut, and control characters in them become '?': they come from providers.
  const SeenEvent& Add(std::string worker, events::v1::Event event);

  struct Next {
    const SeenEvent* event = nullptr;  // null: there is none yet
    std::int64_t missed = 0;           // between the number given and this one
  };
  // The first that is kept after that number.
  Next After(std::int64_t sequence) const;
  std::int64_t newest() const { return newest_; }

 private:
  std::deque<SeenEvent> events_;  // the newest at the end, numbers without gaps
  std::int64_t newest_ = 0;
};

}  // namespace patchbay::supervisor
