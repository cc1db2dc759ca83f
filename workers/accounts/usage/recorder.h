// Usage rows on their way to the disk: each is told of once it is durable, and offered again while the disk is full.
//
// Rows are gathered for a moment and written together, since what a transaction costs is its one fsync. Nobody waits
// for that moment: the client has its answer, and the frontend keeps a settlement until it is acknowledged.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {

class UsageRecorder {
 public:
  // Settlements held in memory while the disk refuses them. Beyond, they are dropped without an acknowledgement: the
  // frontend keeps them and settles again when it reconnects.
  static constexpr std::size_t kPendingMax = 100'000;

  // `durable(record, fresh)` runs once the row is on disk; `fresh` is false when it was there before.
  using Durable = std::function<void(const UsageRecord&, bool fresh)>;

  UsageRecorder(asio::io_context& io, StorageThread& storage, Durable durable)
      : io_(io), storage_(storage), durable_(std::move(durable)), gather_timer_(io) {}

  void Record(UsageRecord record);
  std::size_t pending() const { return pending_.size(); }
  std::int64_t refused() const { return refused_; }

 private:
  void Gather(const LeaseId& lease);
  void Write(const LeaseId& lease);
  void WriteLater(const LeaseId& lease);

  asio::io_context& io_;
  StorageThread& storage_;
  Durable durable_;
  std::unordered_map<LeaseId, UsageRecord> pending_;
  std::vector<LeaseId> gathered_;  // of the pending ones, those not yet given to the storage thread
  asio::steady_timer gather_timer_;
  std::int64_t refused_ = 0;
};

}  // namespace patchbay::accounts
