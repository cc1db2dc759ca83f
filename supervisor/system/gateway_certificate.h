// The gateway's own certificate, which the frontend shows callers on other machines: made when it is missing, and anew
// in time before its end, however long patchbayd runs. The frontend reads the file again by itself (lib/rpc/tls.h).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "lib/async/time_source.h"
#include "lib/base/result.h"

namespace patchbay::supervisor {

class GatewayCertificate {
 public:
  // How often it is looked at, and how soon again after that did not succeed.
  static constexpr std::chrono::hours kLookEvery{24};
  static constexpr std::chrono::hours kRetryAfter{1};

  // `time` outlives it. `state_dir` has the certificates (lib/pki).
  GatewayCertificate(async::TimeSource& time, std::filesystem::path state_dir)
      : time_(time), state_dir_(std::move(state_dir)) {}

  // Looks now, and from then on by itself: what goes wrong later is only logged, the pair before is good for weeks. An
  // error: there is none now.
  Result<void> Keep();

 private:
  Result<void> Look(std::chrono::milliseconds patience);
  void LookAgain(std::chrono::milliseconds after);

  async::TimeSource& time_;
  const std::filesystem::path state_dir_;
  std::unique_ptr<async::TimeSource::Timer> next_;
};

}  // namespace patchbay::supervisor
