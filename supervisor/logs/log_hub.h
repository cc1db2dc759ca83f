// Where every process's records meet: into the sink, into a ring for TailLogs, and to those who follow.
// Single-threaded, but for Own(), which any thread may call.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/async/asio.h"
#include "lib/async/event.h"
#include "supervisor/logs/log_lines.h"
#include "supervisor/logs/log_sink.h"

namespace patchbay::supervisor {

class LogHub {
 public:
  static constexpr std::size_t kRingRecords = 4000;
  static constexpr std::size_t kRingBytes = 4 * 1024 * 1024;
  static constexpr std::size_t kFollowerRecords = 1000;

  // Somebody who follows. A slow one loses records, and is told how many.
  struct Follower {
    Follower(asio::any_io_executor executor, std::string name) : worker(std::move(name)), more(std::move(executor)) {}
    std::string worker;  // empty: all
    std::deque<std::string> records;
    std::int64_t dropped = 0;
    bool closed = false;
    async::Event more;
  };

  explicit LogHub(asio::io_context& io) : io_(io), home_(std::this_thread::get_id()), company_(io) {}

  // How long a record waits for company while the event loop runs, and how much of it: under load many records are one
  // write, and a lone one is seen at once as far as a person can tell.
  static constexpr std::chrono::milliseconds kCompany{10};
  static constexpr std::size_t kBatchBytes = 32 * 1024;

  // Until there is a sink, records only go into the ring; then those so far are written.
  void SetSink(std::unique_ptr<LogSink> sink);
  // Writes out what waits and what is queued, and forgets the sink. A reader of the log that stalls is waited for only
  // so long.
  static constexpr std::chrono::seconds kFlushPatience{2};
  void Flush();

  // A line that a child wrote.
  void Line(RecordMaker& maker, std::string_view line);
  // A record of the supervisor itself.
  void Own(std::string record);

  // The last `count` records of `worker` (empty: of all), oldest first.
  std::vector<std::string> Tail(const std::string& worker, std::size_t count) const;
  std::shared_ptr<Follower> Follow(const std::string& worker);

 private:
  struct Entry {
    std::string worker;
    std::string record;
  };
  void Add(std::string worker, std::string record);
  // Into the batch that is written soon, or at once while there is no event loop yet to write it.
  void ToSink(std::string_view record);
  void WriteBatch();

  asio::io_context& io_;
  std::thread::id home_;
  std::unique_ptr<LogSink> sink_;
  asio::steady_timer company_;
  std::string batch_;  // finished lines
  bool loop_runs_ = false;
  std::deque<Entry> ring_;
  std::size_t ring_bytes_ = 0;
  std::vector<std::weak_ptr<Follower>> followers_;
};

}  // namespace patchbay::supervisor
