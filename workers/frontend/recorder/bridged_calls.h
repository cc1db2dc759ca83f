// Recordings of calls whose clients speak to a bridge: what happens behind the gateway is seen here, and what the
// client said and got the bridge tells when its answer is over. Whichever comes last makes the recording whole. Memory
// only, bounded, and nothing at all while nobody asks. One thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "workers/frontend/recorder/recorder.h"

namespace patchbay::frontend {

class BridgedCalls {
 public:
  // Calls of which one side is missing. The oldest is forgotten for a new one.
  static constexpr std::size_t kMaxOpen = Recorder::kMaxKept;

  // `recorder` outlives it.
  explicit BridgedCalls(Recorder& recorder) : recorder_(recorder) {}

  // Null while nobody records. `bridge` is who will tell of it: the id of its key.
  RecordingPtr Begin(std::string_view request_id, std::string_view bridge);
  // The gateway's side is over.
  void Ended(const std::string& request_id, std::string_view ending, std::string_view problem);
  // It will not be told of.
  void Forget(const std::string& request_id);
  // The client's side, of a call that `bridge` has made; of any other nothing happens. Takes no more of it than a
  // recording may hold.
  void Tell(std::string_view bridge, gateway::v1::Recording told);

  std::size_t open() const { return open_.size(); }

 private:
  struct Half {
    RecordingPtr recording;
    std::string bridge, ending, problem;
    bool ended = false, told = false;
  };
  using Halves = std::deque<Half>;

  Halves::iterator Find(std::string_view request_id);
  void FinishIfWhole(Halves::iterator half);

  Recorder& recorder_;
  Halves open_;
};

}  // namespace patchbay::frontend
