#include "workers/accounts/usage/recorder.h"

#include <memory>
#include <utility>

#include "lib/log/log.h"

namespace patchbay::accounts {
namespace {

constexpr std::chrono::milliseconds kRetry{1000};
constexpr std::chrono::milliseconds kGatherTime{20};

}  // namespace

void UsageRecorder::Record(UsageRecord record) {
  const LeaseId lease = record.lease;
  // Settled again while the first is on its way: one row, one acknowledgement.
  if (pending_.contains(lease)) return;
  if (pending_.size() >= kPendingMax) {
    ++refused_;
    return;
  }
  pending_.emplace(lease, std::move(record));
  Gather(lease);
}

void UsageRecorder::Gather(const LeaseId& lease) {
  gathered_.push_back(lease);
  if (gathered_.size() > 1) return;
  gather_timer_.expires_after(kGatherTime);
  gather_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    for (const LeaseId& each : std::exchange(gathered_, {})) Write(each);
  });
}

void UsageRecorder::Write(const LeaseId& lease) {
  auto fresh = std::make_shared<bool>(false);
  storage_.Submit(
      [record = pending_.at(lease), fresh](Store& store) -> Result<void> {
        ASSIGN_OR_RETURN(*fresh, store.AddUsage(record));
        return {};
      },
      [this, lease, fresh](Result<void> written) {
        const auto found = pending_.find(lease);
        if (found == pending_.end()) return;
        if (!written.ok()) {
          log::Error("usage.not_durable", {{"lease", lease}, {"error", written.error().message}});
          return WriteLater(lease);
        }
        const UsageRecord record = std::move(found->second);
        pending_.erase(found);
        durable_(record, *fresh);
      });
}

void UsageRecorder::WriteLater(const LeaseId& lease) {
  auto timer = std::make_shared<asio::steady_timer>(io_, kRetry);
  timer->async_wait([this, lease, timer](boost::system::error_code error) {
    if (!error && pending_.contains(lease)) Write(lease);
  });
}

}  // namespace patchbay::accounts
