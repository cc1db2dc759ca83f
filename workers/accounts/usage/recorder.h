// Usage rows on their way to the disk: each is told of once it is durable, and offered again while the disk is full.
//
// Rows are gathered and written together, since what a transaction costs is its one fsync and what a job costs is its
// way to the storage thread and back. One write is under way at a time, so a slow disk gets larger ones. Nobody waits
// for them: the client has its answer, and the frontend keeps a settlement until it is acknowledged.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/async/broadcast.h"
#include "workers/accounts/pool/events.h"
#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {

class UsageRecorder {
 public:
  // Settlements held in memory while the disk refuses them. Beyond, they are dropped without an acknowledgement: the
  // frontend keeps them, and is asked to say them again once there is room.
  static constexpr std::size_t kPendingMax = 100'000;
  // So many rows do not wait for more, and at most so many are one write.
  static constexpr std::size_t kBatchMin = 256;
  static constexpr std::size_t kBatchMax = 4096;
  // How long a row waits for company: the second after an idle time, so that many that end together are one commit, the
  // first while rows keep coming. A commit takes the core that a request wants, so they should be seldom then; what is
  // not committed yet is not acknowledged either, and is settled again after a crash.
  static constexpr std::chrono::milliseconds kBetweenWrites{500};
  static constexpr std::chrono::milliseconds kGatherTime{20};
  // How long a disk that took nothing is left alone.
  static constexpr std::chrono::milliseconds kRetry{1000};

  // A row that is on disk; `frontend` is who waits to hear of it, empty for nobody.
  using Durable = std::function<void(const UsageRecord&, const FrontendId& frontend, RowAdded added)>;

  UsageRecorder(asio::io_context& io, StorageThread& storage, Durable durable)
      : io_(io), storage_(storage), durable_(std::move(durable)), timer_(io), written_(io) {}
  // Called when settlements were dropped and there is room for them again.
  void OnRoom(std::function<void()> room) { room_ = std::move(room); }

  void Record(UsageRecord record, FrontendId frontend);
  // Writes without waiting for company; returns when nothing is pending. A disk that refuses is offered the rows again
  // and again: whoever drains has a deadline of its own.
  Awaitable<void> Flush();
  std::size_t pending() const { return pending_.size(); }
  // Whether this lease's row is not on disk yet.
  bool IsPending(const LeaseId& lease) const { return pending_.contains(lease); }
  std::int64_t refused() const { return refused_; }
  // Why the disk takes nothing; empty while it does.
  const std::string& problem() const { return problem_; }

 private:
  struct Pending {
    UsageRecord record;
    FrontendId frontend;
    bool corrected = false;             // the record is newer than what was given to the storage thread
    RowAdded added = RowAdded::kKnown;  // the most that any write of it did
  };
  using Batch = std::vector<LeaseId>;

  void WriteWhenDue();
  void WriteGathered();
  void Write(Batch batch);
  void Written(const Batch& batch, const std::vector<RowAdded>& added, const Result<void>& outcome);
  void Refused(const Batch& batch, const Error& error);
  void Taken();
  void WriteLater(const LeaseId& lease);

  asio::io_context& io_;
  StorageThread& storage_;
  Durable durable_;
  std::function<void()> room_;
  std::unordered_map<LeaseId, Pending> pending_;
  std::deque<LeaseId> gathered_;  // of the pending ones, those not with the storage thread now
  std::size_t under_way_ = 0;     // writes
  asio::steady_timer timer_;
  bool timer_set_ = false;
  asio::steady_timer::time_point last_write_{};
  async::Broadcast written_;
  std::string problem_;
  asio::steady_timer::time_point problem_since_{}, problem_told_{};
  std::int64_t refused_ = 0;
  bool refusing_ = false;  // since there was room last
};

}  // namespace patchbay::accounts
