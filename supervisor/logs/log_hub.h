// Where every process's records meet: into the sink, into a ring for TailLogs, and to those who follow.
// Single-threaded, but for Own(), which any thread may call.
#pragma once

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

  explicit LogHub(asio::io_context& io) : io_(io), home_(std::this_thread::get_id()) {}

  // Until there is a sink, records only go into the ring; then those so far are written.
  void SetSink(std::unique_ptr<LogSink> sink);
  // Writes out what is queued and forgets the sink.
  void Flush() { sink_.reset(); }

  // A line that a child wrote.
  void Line(const LogSource& source, std::string_view line);
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

  asio::io_context& io_;
  std::thread::id home_;
  std::unique_ptr<LogSink> sink_;
  std::deque<Entry> ring_;
  std::size_t ring_bytes_ = 0;
  std::vector<std::weak_ptr<Follower>> followers_;
};

}  // namespace patchbay::supervisor
