// When what happened in a call of the gateway's service, from its arrival.
#pragma once

#include <optional>

#include "lib/async/time_source.h"
#include "lib/time/proto_time.h"
#include "patchbay/gateway/v1/gateway.pb.h"

namespace patchbay::frontend {

class CallClock {
 public:
  // `time` outlives the clock.
  explicit CallClock(async::TimeSource& time) : time_(time), began_(time.Steady()) {}

  // A new attempt: what an earlier one did is forgotten.
  void Granted() {
    granted_ = time_.Steady();
    accepted_.reset();
    first_output_.reset();
    ended_.reset();
  }
  void Accepted() { accepted_ = time_.Steady(); }
  // The first time counts.
  void Output() {
    if (!first_output_) first_output_ = time_.Steady();
  }
  void Ended() {
    if (!ended_) ended_ = time_.Steady();
  }

  SteadyTime began() const { return began_; }
  void Write(gateway::v1::Timings& out) const {
    if (granted_) SetDuration(*granted_ - began_, out.mutable_granted());
    if (accepted_) SetDuration(*accepted_ - began_, out.mutable_accepted());
    if (first_output_) SetDuration(*first_output_ - began_, out.mutable_first_output());
    if (ended_) SetDuration(*ended_ - began_, out.mutable_total());
  }

 private:
  async::TimeSource& time_;
  const SteadyTime began_;
  std::optional<SteadyTime> granted_, accepted_, first_output_, ended_;
};

}  // namespace patchbay::frontend
