// What was decided about the last requests, and why: the story that `patchbay trace` tells. Bounded whatever clients
// do, and no word of theirs is in it but the names that they ask for. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "workers/accounts/pool/events.h"

namespace patchbay::accounts {

// What a frontend says of an attempt that is over.
struct AttemptNotes {
  // What the request lost on its way to this provider, and what was changed, by the client's names.
  std::vector<std::string> ignored, repaired;
  std::optional<std::chrono::milliseconds> head;  // until the provider took the call
};

// How an attempt ended, as its frontend tells.
struct TracedEnd {
  std::string outcome;  // "succeeded", "failed", "abandoned", "lost", "retried"
  std::string failure;
  std::string served_model;
  std::optional<std::chrono::milliseconds> first_output, total;
  AttemptNotes notes;
};

struct TraceStep {
  std::chrono::milliseconds after{0};  // since it was asked for
  std::variant<Considered, Granted, Judged, TracedEnd, Denied> what;
};

struct Trace {
  FrontendId frontend;
  RequestId request;
  ClientKeyId client_key;
  std::string dialect;  // the client's
  std::string model;    // its name for it
  std::string affinity_key;
  WallTime asked_at{};
  std::vector<TraceStep> steps;
  std::size_t steps_left_out = 0;
};

class Traces {
 public:
  static constexpr std::size_t kSteps = 48;       // of one request: what was decided first, and its end
  static constexpr std::size_t kTexts = 16;       // of what was ignored, and of what was repaired
  static constexpr std::size_t kTextBytes = 200;  // of each text that is not ours
  static constexpr std::size_t kExplained = 16;   // accounts, of a denial

  // 0: none is kept, and what there is is forgotten.
  void Configure(std::size_t requests_max);

  // A request begins. One that is asked for again on another connection of its frontend goes on.
  void Asked(Trace trace, std::uint64_t epoch, WallTime now);
  void Take(Considered event, WallTime now);
  void Take(const Granted& event, WallTime now);
  void Take(const Judged& event, WallTime now);
  void Take(Denied event, WallTime now);
  void Ended(const FrontendId& frontend, const RequestId& request, TracedEnd end, WallTime now);

  // Those with this id, the newest first; clients may give the same id twice.
  std::vector<const Trace*> Find(const RequestId& request) const;
  std::vector<const Trace*> Last(std::size_t count) const;
  std::size_t size() const { return order_.size(); }

 private:
  struct Kept {
    Trace trace;
    std::uint64_t epoch = 0;
    bool over = false;  // denied, or its last attempt has ended
  };
  using Order = std::list<Kept>;
  static std::string KeyOf(const FrontendId& frontend, const RequestId& request);
  Kept* Latest(const FrontendId& frontend, const RequestId& request);
  void Add(Kept* kept, decltype(TraceStep::what) what, bool over, WallTime now);

  std::size_t requests_max_ = 0;
  Order order_;  // the newest first
  std::unordered_map<std::string, Order::iterator> latest_;
};

}  // namespace patchbay::accounts
