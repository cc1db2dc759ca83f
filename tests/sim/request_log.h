// What the simulated provider received and how it ended: a bounded memory that tests read through the control API.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "tests/sim/http.h"

namespace patchbay::sim {

struct LogEntry {
  std::uint64_t seq = 0;
  std::chrono::system_clock::time_point received_at;
  std::chrono::steady_clock::time_point started;
  std::string method;
  std::string target;
  std::string account_id;
  std::string headers;  // "name: value\n" …, as received; the secret ones are hashed when they are shown
  std::string body;     // cut at RequestLog::kBodyBytesMax
  std::size_t body_bytes = 0;
  std::string scenario;
  unsigned status = 0;
  bool tls = false;
  std::uint64_t bytes_sent = 0;  // of the event stream
  bool finished = false;
  bool aborted = false;
  std::int64_t aborted_at_ms = 0;

  // Its answer is out, or the client is gone.
  void Finish(std::uint64_t sent, bool client_gone) {
    finished = true;
    bytes_sent = sent;
    aborted = client_gone;
    if (!client_gone) return;
    const auto lasted = std::chrono::steady_clock::now() - started;
    aborted_at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(lasted).count();
  }
};

class RequestLog {
 public:
  static constexpr std::size_t kBodyBytesMax = 256 * 1024;
  static constexpr std::size_t kTotalBytesMax = 64 * 1024 * 1024;

  explicit RequestLog(std::size_t entries_max) : entries_max_(entries_max) {}

  // Makes an entry; the oldest give way when there are too many or they hold too much.
  std::shared_ptr<LogEntry> Add(const Request& request, std::string_view body, bool tls);
  void Clear();

  // The entries with seq > since, oldest first, as {"next_since":N,"entries":[…]}.
  std::string ToJson(std::uint64_t since, std::size_t limit) const;
  std::uint64_t last_seq() const { return next_seq_ - 1; }

 private:
  std::size_t entries_max_;
  std::deque<std::shared_ptr<LogEntry>> entries_;
  std::size_t total_bytes_ = 0;
  std::uint64_t next_seq_ = 1;
};

}  // namespace patchbay::sim
