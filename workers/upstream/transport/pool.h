// Connections that wait for their next request, by whom they belong to.
//
// What is filed under one key never serves another (road.h): no two accounts share a connection, nor a TLS session. The
// newest is used first; old ones are closed by age, by count per key and in all. Single-threaded.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "workers/upstream/transport/road.h"
#include "workers/upstream/transport/stream.h"
#include "workers/upstream/transport/tls_context.h"

namespace patchbay::upstream {

// From the section `upstream` of the configuration, which has the defaults.
struct PoolLimits {
  std::size_t idle_per_key = 0;
  std::chrono::milliseconds idle_timeout{0};
};

struct PoolStats {
  std::int64_t idle = 0;
  std::int64_t busy = 0;
  std::int64_t opened_total = 0;
};

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  // Idle connections over all keys; the oldest goes when one more comes.
  static constexpr std::size_t kMaxIdle = 4096;
  // TLS session stores kept; one per key.
  static constexpr std::size_t kMaxSessionKeys = 4096;

  // Keeps no connection until it is told its limits.
  static std::shared_ptr<ConnectionPool> Create(asio::any_io_executor executor);

  asio::any_io_executor executor() { return timer_.get_executor(); }
  void SetLimits(PoolLimits limits) { limits_ = limits; }

  // An idle connection that still looks alive, or null.
  std::unique_ptr<Stream> Take(const ConnectionKey& key);
  // After a response was read to its end and the server keeps the connection. `epoch`: what epoch() was when the
  // connection was made or taken; one from before a CloseIdle is closed.
  void Give(const ConnectionKey& key, std::unique_ptr<Stream> stream, std::uint64_t epoch);
  std::shared_ptr<TlsSessions> SessionsFor(const ConnectionKey& key);
  // Closes what is idle, for good, and what is busy now when it is given back: used when draining and when trust
  // settings changed.
  void CloseIdle();
  std::uint64_t epoch() const { return epoch_; }

  // Counts a connection as busy while it lives.
  class Lent {
   public:
    explicit Lent(ConnectionPool& pool) : pool_(pool.weak_from_this()) { ++pool.stats_.busy; }
    ~Lent() {
      if (const auto pool = pool_.lock()) --pool->stats_.busy;
    }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

   private:
    std::weak_ptr<ConnectionPool> pool_;
  };

  void CountOpened() { ++stats_.opened_total; }
  const PoolStats& stats() const { return stats_; }

 private:
  explicit ConnectionPool(asio::any_io_executor executor) : timer_(std::move(executor)) {}

  struct Idle {
    std::unique_ptr<Stream> stream;
    SteadyTime since;
  };
  void ScheduleSweep();
  void Sweep();
  void CloseOldest();

  asio::steady_timer timer_;
  PoolLimits limits_;
  PoolStats stats_;
  bool sweeping_ = false;
  std::uint64_t epoch_ = 0;
  std::unordered_map<ConnectionKey, std::deque<Idle>, ConnectionKey::Hash> idle_;  // oldest first
  std::unordered_map<ConnectionKey, std::shared_ptr<TlsSessions>, ConnectionKey::Hash> sessions_;
};

}  // namespace patchbay::upstream
