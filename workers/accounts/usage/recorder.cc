#include "workers/accounts/usage/recorder.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"
#include "workers/accounts/usage/lost_call.h"

namespace patchbay::accounts {
namespace {

// Between two looks while flushing; every batch that was written is a reason to look, too.
constexpr std::chrono::milliseconds kFlushLook{1000};
// Trouble that lasts is told again.
constexpr std::chrono::minutes kTellAgain{1};

using Timer = asio::steady_timer::clock_type;

}  // namespace

void UsageRecorder::Record(UsageRecord record, FrontendId frontend) {
  const LeaseId lease = record.lease;
  if (const auto known = pending_.find(lease); known != pending_.end()) {
    // Settled again while the first is on its way: one row, one acknowledgement, to whoever asked last. What was
    // written down as lost is corrected by its settlement, in this order.
    if (!frontend.empty()) known->second.frontend = std::move(frontend);
    if (known->second.record.outcome == kOutcomeLost && record.outcome != kOutcomeLost) {
      FillBlanks(record, known->second.record);
      known->second.record = std::move(record);
      known->second.corrected = true;
    }
    return;
  }
  if (pending_.size() >= kPendingMax) {
    ++refused_;
    refusing_ = true;
    return;
  }
  pending_.emplace(lease, Pending{std::move(record), std::move(frontend)});
  gathered_.push_back(lease);
  WriteWhenDue();
}

void UsageRecorder::WriteWhenDue() {
  // Whoever is under way goes on with them, or the timer does.
  if (gathered_.empty() || under_way_ > 0 || !problem_.empty()) return;
  if (gathered_.size() >= kBatchMin) return WriteGathered();
  if (std::exchange(timer_set_, true)) return;
  timer_.expires_at(std::max(Timer::now() + kGatherTime, last_write_ + kBetweenWrites));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) WriteGathered();
  });
}

void UsageRecorder::WriteGathered() {
  timer_.cancel();
  timer_set_ = false;
  if (gathered_.empty() || under_way_ > 0) return;
  last_write_ = Timer::now();
  // A few rows find out whether a disk that took nothing takes something now.
  const std::size_t rows = std::min(gathered_.size(), problem_.empty() ? kBatchMax : kBatchMin);
  const auto end = gathered_.begin() + static_cast<std::ptrdiff_t>(rows);
  Batch batch(gathered_.begin(), end);
  gathered_.erase(gathered_.begin(), end);
  Write(std::move(batch));
}

void UsageRecorder::Write(Batch batch) {
  std::vector<UsageRecord> records;
  records.reserve(batch.size());
  for (const LeaseId& lease : batch) records.push_back(pending_.at(lease).record);
  auto added = std::make_shared<std::vector<RowAdded>>();
  ++under_way_;
  storage_.Submit(
      [records = std::move(records), added](Store& store) -> Result<void> {
        ASSIGN_OR_RETURN(*added, store.AddUsage(records));
        return {};
      },
      [this, batch = std::move(batch), added](Result<void> outcome) { Written(batch, *added, outcome); });
}

void UsageRecorder::Written(const Batch& batch, const std::vector<RowAdded>& added, const Result<void>& outcome) {
  --under_way_;
  if (!outcome.ok()) return Refused(batch, outcome.error());
  Taken();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto found = pending_.find(batch[i]);
    Pending& written = found->second;
    written.added = std::max(written.added, added[i]);
    if (std::exchange(written.corrected, false)) {
      Write({batch[i]});
      continue;
    }
    const Pending done = std::move(written);
    pending_.erase(found);
    durable_(done.record, done.frontend, done.added);
  }
  WriteWhenDue();
  written_.Notify();
  if (refusing_ && pending_.empty()) {
    refusing_ = false;
    if (room_) room_();
  }
}

void UsageRecorder::Refused(const Batch& batch, const Error& error) {
  if (error.code != ErrorCode::kUnavailable) {
    // One row is at fault: apart, it holds up no other.
    log::Error("usage.row_refused", {{"rows", batch.size()}, {"lease", batch.front()}, {"error", error.message}});
    if (batch.size() == 1) return WriteLater(batch.front());
    for (const LeaseId& lease : batch) Write({lease});
    return;
  }
  // The disk takes none.
  gathered_.insert(gathered_.begin(), batch.begin(), batch.end());
  const auto now = Timer::now();
  if (problem_.empty()) problem_since_ = now;
  if (problem_.empty() || now - problem_told_ >= kTellAgain) {
    problem_told_ = now;
    log::Error("usage.not_durable", {{"waiting", pending_.size()}, {"dropped", refused_}, {"error", error.message}});
  }
  problem_ = error.message;
  timer_set_ = true;
  timer_.expires_after(kRetry);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) WriteGathered();
  });
}

void UsageRecorder::Taken() {
  if (problem_.empty()) return;
  problem_.clear();
  log::Info("usage.durable_again",
            {{"waiting", pending_.size()},
             {"after_s", std::chrono::floor<std::chrono::seconds>(Timer::now() - problem_since_).count()}});
}

void UsageRecorder::WriteLater(const LeaseId& lease) {
  auto timer = std::make_shared<asio::steady_timer>(io_, kRetry);
  timer->async_wait([this, lease, timer](boost::system::error_code error) {
    if (!error) Write({lease});
  });
}

Awaitable<void> UsageRecorder::Flush() {
  while (!pending_.empty()) {
    if (problem_.empty()) WriteGathered();
    co_await written_.Wait(kFlushLook);
  }
}

}  // namespace patchbay::accounts
