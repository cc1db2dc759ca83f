#include "workers/upstream/turn_tracker.h"

#include <utility>

#include "workers/upstream/facts.h"

namespace patchbay::upstream {
namespace {

// An open socket counts as an accepted call: failures that are reported without a status of their own are told like
// those inside a stream that began with 200.
constexpr int kAccepted = 200;

}  // namespace

bool TurnTracker::Begin(WallTime now) {
  if (over_ || observer_) return false;
  observer_ = dialect_.NewTurnObserver(now);
  return true;
}

TurnTracker::Seen TurnTracker::See(std::string_view frame, WallTime now) {
  if (over_) return {.pass = false, .end = {}};
  // Between two turns: passed on, except an error, which would be taken for the answer to the next one.
  if (!observer_) return {.pass = dialect_.NewTurnObserver(now)->Feed(frame), .end = {}};
  Seen seen;
  seen.pass = observer_->Feed(frame);
  const ResponseSummary& summary = observer_->summary();
  if (!summary.ended) return seen;
  TakeSummary(summary, kAccepted, seen.end.emplace());
  observer_.reset();
  return seen;
}

std::optional<v1::End> TurnTracker::Break(inference::v1::Failure why) {
  over_ = true;
  if (!observer_) return std::nullopt;
  v1::End end;
  TakeSummary(observer_->summary(), kAccepted, end);
  *end.mutable_failure() = std::move(why);
  observer_.reset();
  return end;
}

}  // namespace patchbay::upstream
