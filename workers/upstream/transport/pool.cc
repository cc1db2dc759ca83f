#include "workers/upstream/transport/pool.h"

#include <algorithm>

namespace patchbay::upstream {
namespace {

constexpr std::chrono::seconds kSweepInterval{1};

}  // namespace

std::shared_ptr<ConnectionPool> ConnectionPool::Create(asio::any_io_executor executor) {
  return std::shared_ptr<ConnectionPool>(new ConnectionPool(std::move(executor)));
}

std::unique_ptr<Stream> ConnectionPool::Take(const ConnectionKey& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  const SteadyTime oldest = std::chrono::steady_clock::now() - limits_.idle_timeout;
  while (!found->second.empty()) {
    Idle idle = std::move(found->second.back());
    found->second.pop_back();
    --stats_.idle;
    if (idle.since >= oldest && idle.stream->LooksIdle()) return std::move(idle.stream);
  }
  return nullptr;
}

void ConnectionPool::Give(const ConnectionKey& key, std::unique_ptr<Stream> stream, std::uint64_t epoch) {
  if (limits_.idle_per_key == 0 || epoch != epoch_) return;
  auto& idle = idle_[key];
  if (idle.size() >= limits_.idle_per_key) {
    idle.pop_front();
    --stats_.idle;
  }
  stream->ReleaseBuffers();
  idle.push_back({std::move(stream), std::chrono::steady_clock::now()});
  if (++stats_.idle > static_cast<std::int64_t>(kMaxIdle)) CloseOldest();
  ScheduleSweep();
}

std::shared_ptr<TlsSessions> ConnectionPool::SessionsFor(const ConnectionKey& key) {
  if (sessions_.size() >= kMaxSessionKeys && sessions_.count(key) == 0) sessions_.erase(sessions_.begin());
  auto& sessions = sessions_[key];
  if (!sessions) sessions = std::make_shared<TlsSessions>();
  return sessions;
}

void ConnectionPool::CloseIdle() {
  ++epoch_;
  idle_.clear();
  stats_.idle = 0;
  sessions_.clear();
}

void ConnectionPool::CloseOldest() {
  const auto oldest = std::min_element(idle_.begin(), idle_.end(), [](const auto& a, const auto& b) {
    if (a.second.empty() || b.second.empty()) return !a.second.empty();
    return a.second.front().since < b.second.front().since;
  });
  oldest->second.pop_front();
  --stats_.idle;
}

void ConnectionPool::ScheduleSweep() {
  if (sweeping_) return;
  sweeping_ = true;
  timer_.expires_after(kSweepInterval);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    self->sweeping_ = false;
    self->Sweep();
    if (self->stats_.idle > 0) self->ScheduleSweep();
  });
}

void ConnectionPool::Sweep() {
  const SteadyTime oldest = std::chrono::steady_clock::now() - limits_.idle_timeout;
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::deque<Idle>& waiting = entry->second;
    while (!waiting.empty() && waiting.front().since < oldest) {
      waiting.pop_front();
      --stats_.idle;
    }
    entry = waiting.empty() ? idle_.erase(entry) : std::next(entry);
  }
}

}  // namespace patchbay::upstream
