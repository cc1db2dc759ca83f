#include "supervisor/events/mailbox.h"

#include <algorithm>

#include "lib/events/kinds.h"

namespace patchbay::supervisor {

bool Mailbox::Wants(events::v1::EventKind kind) const {
  return rules_.kinds.empty() ? !events::FactsOf(kind).untold() : rules_.kinds.contains(kind);
}

void Mailbox::Offer(const SeenEvent& seen, SteadyTime now) {
  const events::v1::EventKind kind = seen.event.kind();
  if (!Wants(kind)) return;
  const std::string subject = events::SubjectOf(seen.event);
  if (events::FactsOf(kind).ends()) {
    if (open_.erase(subject) > 0) Push(seen);
    return;
  }
  Forget(now);
  // 95 % after 80 % is news.
  const auto [told, is_new] =
      told_at_.try_emplace(events::NameOf(kind) + '\n' + subject + '\n' + std::to_string(seen.event.threshold()), now);
  if (!is_new && now - told->second < rules_.quiet) return;
  told->second = now;
  open_.insert(subject);
  Push(seen);
}

void Mailbox::Forget(SteadyTime now) {
  if (told_at_.size() < kRemembered) return;
  std::erase_if(told_at_, [&](const auto& told) { return now - told.second >= rules_.quiet; });
  // Whoever has so many troubles at once is told some of them again.
  if (told_at_.size() >= kRemembered) told_at_.clear();
  if (open_.size() >= kRemembered) open_.clear();
}

void Mailbox::Push(const SeenEvent& seen) {
  waiting_.push_back(seen);
  if (waiting_.size() <= kWaiting) return;
  // The oldest but the one that may be on its way.
  waiting_.erase(waiting_.begin() + 1);
  ++dropped_;
}

const SeenEvent* Mailbox::Due(SteadyTime now) const {
  return waiting_.empty() || now < next_try_ ? nullptr : &waiting_.front();
}

std::optional<SteadyTime> Mailbox::NextTry() const {
  if (waiting_.empty()) return std::nullopt;
  return next_try_;
}

void Mailbox::Told() {
  waiting_.pop_front();
  ++told_;
  tries_ = 0;
  next_try_ = {};
}

bool Mailbox::Failed(SteadyTime now) {
  ++tries_;
  next_try_ = now + std::min(kFirstPause * (1 << std::min(tries_ - 1, 10)), kLongestPause);
  if (tries_ < kTries) return true;
  waiting_.pop_front();
  ++dropped_;
  // The next one has its own tries, and the pause stays: whoever does not answer is not asked faster for that.
  tries_ = 0;
  return false;
}

}  // namespace patchbay::supervisor
