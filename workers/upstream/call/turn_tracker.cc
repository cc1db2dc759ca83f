#include "workers/upstream/call/turn_tracker.h"

#include <utility>

#include "workers/upstream/call/answer_facts.h"

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
  if (!observer_) {
    // Between two turns: passed on, except an end, which would be taken for the answer to the next one.
    const auto observer = dialect_.NewTurnObserver(now);
    (void)observer->Feed(frame);
    return {.pass = !observer->summary().ended, .end = {}};
  }
  Seen seen;
  seen.pass = observer_->Feed(frame);
  const ResponseSummary& summary = observer_->summary();
  if (!summary.ended) return seen;
  // After an error the provider may still say that the response has failed (codex-wire §6). That turn is over.
  if (seen.pass && !given_up_.empty() && summary.response_id == given_up_) {
    observer_ = dialect_.NewTurnObserver(now);
    return {.pass = false, .end = {}};
  }
  given_up_ = seen.pass ? std::string() : summary.response_id;
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
