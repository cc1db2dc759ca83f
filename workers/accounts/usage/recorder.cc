#include "workers/accounts/usage/recorder.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"
#include "workers/accounts/usage/lost_call.h"

namespace patchbay::accounts {
namespace {

constexpr std::chrono::milliseconds kRetry{1000};
// Between two looks while flushing; every batch that was written is a reason to look, too.
constexpr std::chrono::milliseconds kFlushLook{1000};

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
    return;
  }
  pending_.emplace(lease, Pending{std::move(record), std::move(frontend)});
  gathered_.push_back(lease);
  if (gathered_.size() >= kBatchMax) return WriteGathered();
  if (gathered_.size() > 1) return;
  gather_timer_.expires_at(std::max(asio::steady_timer::clock_type::now() + kGatherTime, last_write_ + kBetweenWrites));
  gather_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) WriteGathered();
  });
}

void UsageRecorder::WriteGathered() {
  gather_timer_.cancel();
  last_write_ = asio::steady_timer::clock_type::now();
  if (!gathered_.empty()) Write(std::exchange(gathered_, {}));
}

void UsageRecorder::Write(Batch batch) {
  std::vector<UsageRecord> records;
  records.reserve(batch.size());
  for (const LeaseId& lease : batch) records.push_back(pending_.at(lease).record);
  auto fresh = std::make_shared<std::vector<bool>>();
  storage_.Submit(
      [records = std::move(records), fresh](Store& store) -> Result<void> {
        fresh->clear();
        for (const UsageRecord& record : records) {
          ASSIGN_OR_RETURN(const bool added, store.AddUsage(record));
          fresh->push_back(added);
        }
        return {};
      },
      [this, batch = std::move(batch), fresh](Result<void> outcome) { Written(batch, *fresh, outcome); });
}

void UsageRecorder::Written(const Batch& batch, const std::vector<bool>& fresh, const Result<void>& outcome) {
  if (!outcome.ok()) {
    log::Error("usage.not_durable", {{"rows", batch.size()}, {"error", outcome.error().message}});
    // The disk takes none, or one row is at fault: apart, that one holds up no other.
    if (outcome.error().code == ErrorCode::kUnavailable || batch.size() == 1) return WriteLater(batch);
    for (const LeaseId& lease : batch) Write({lease});
    return;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto found = pending_.find(batch[i]);
    Pending& written = found->second;
    written.fresh = written.fresh || fresh[i];
    if (std::exchange(written.corrected, false)) {
      Write({batch[i]});
      continue;
    }
    const Pending done = std::move(written);
    pending_.erase(found);
    durable_(done.record, done.frontend, done.fresh);
  }
  written_.Notify();
}

void UsageRecorder::WriteLater(Batch batch) {
  auto timer = std::make_shared<asio::steady_timer>(io_, kRetry);
  timer->async_wait([this, batch = std::move(batch), timer](boost::system::error_code error) {
    if (!error) Write(batch);
  });
}

Awaitable<void> UsageRecorder::Flush() {
  while (!pending_.empty()) {
    WriteGathered();
    co_await written_.Wait(kFlushLook);
  }
}

}  // namespace patchbay::accounts
