#include "lib/rpc/reactor.h"

#include <absl/synchronization/mutex.h>
#include <grpc/grpc.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

// grpc_core::Executor::SetThreadingAll, which gRPC's own fork support uses. Weak: a gRPC without it keeps its threads.
extern "C" void patchbay_grpc_executors_threaded(bool threaded) __asm__("_ZN9grpc_core8Executor15SetThreadingAllEb")
    __attribute__((weak));

namespace patchbay::rpc {
namespace {

// gRPC handles one cached epoll event per look, and not every event completes an operation: a queue
// counts as empty after this many looks in a row without one.
constexpr int kIdleLooks = 3;
// After this many completions in a row everybody else on the io_context gets a turn.
constexpr int kMaxCompletionsPerDrain = 128;

std::set<int> EpollDescriptors() {
  std::set<int> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const auto target = std::filesystem::read_symlink(entry.path(), ignored);
    if (target == "anon_inode:[eventpoll]") found.insert(std::atoi(entry.path().filename().c_str()));
  }
  return found;
}

gpr_timespec Now() { return gpr_time_0(GPR_CLOCK_MONOTONIC); }

}  // namespace

Reactor::Reactor(asio::io_context& io, bool force_threaded, std::chrono::milliseconds tick)
    : io_(io), tick_every_(tick), tick_(io) {
  // Debian's Abseil is built with its debugging aids, and gRPC takes locks all the time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // The first queue initialises gRPC, which makes its epoll set: the one descriptor that is new.
  const std::set<int> before = EpollDescriptors();
  main_builder_ = std::make_unique<grpc::ServerBuilder>();
  queues_.push_back(main_builder_->AddCompletionQueue());
  std::set<int> added = EpollDescriptors();
  for (const int fd : before) added.erase(fd);
  // gRPC would give part of a large message's work to threads of its own, and what those complete wakes nobody before
  // the next tick: it is done where it stands instead.
  if (patchbay_grpc_executors_threaded != nullptr) patchbay_grpc_executors_threaded(false);

  // gRPC shuts down lazily: a later reactor of the same process finds the set of the first one.
  static int grpc_epoll = -1;
  if (added.size() == 1) grpc_epoll = *added.begin();
  if ((added.size() == 1 || before.contains(grpc_epoll)) && !force_threaded) {
    mode_ = Mode::kFast;
    descriptor_ = std::make_unique<asio::posix::stream_descriptor>(io_, grpc_epoll);
    WatchDescriptor();
    Tick();
  } else {
    StartThread(queue());
  }
}

Reactor::~Reactor() {
  *alive_ = false;
  if (descriptor_) descriptor_->release();
  tick_.cancel();
  for (const auto& queue : queues_) queue->Shutdown();
  for (auto& thread : threads_) thread.join();
  for (const Finished& finished : finished_) finished.tag->Abandon();
  for (const auto& queue : queues_) {
    void* tag = nullptr;
    bool ok = false;
    while (mode_ == Mode::kFast && queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->Abandon();
  }
  kept_.clear();
}

grpc::ServerCompletionQueue* Reactor::AddQueue(grpc::ServerBuilder& builder) {
  queues_.push_back(builder.AddCompletionQueue());
  if (mode_ == Mode::kThreaded) StartThread(queues_.back().get());
  return queues_.back().get();
}

void Reactor::Poke() {
  if (mode_ == Mode::kThreaded || poked_) return;
  poked_ = true;
  if (draining_) return;  // the drain that is running looks again after every completion
  asio::post(io_, [this, alive = alive_] {
    if (!*alive) return;
    poked_ = false;
    Drain();
  });
}

void Reactor::WatchDescriptor() {
  descriptor_->async_wait(asio::posix::descriptor_base::wait_read,
                          [this, alive = alive_](boost::system::error_code error) {
                            if (error || !*alive) return;
                            Drain();
                            WatchDescriptor();
                          });
}

void Reactor::Tick() {
  tick_.expires_after(tick_every_);
  tick_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (error || !*alive) return;
    Drain();
    Tick();
  });
}

bool Reactor::DrainOnce(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  if (queue.AsyncNext(&tag, &ok, Now()) != grpc::CompletionQueue::GOT_EVENT) return false;
  static_cast<Tag*>(tag)->Complete(ok);
  return true;
}

void Reactor::Drain() {
  // A completed operation resumes its coroutine right here, which may start further operations and poke: that needs no
  // drain of its own, because a queue is looked at until it was idle for several looks after its last completion.
  if (draining_) return;
  draining_ = true;
  int budget = kMaxCompletionsPerDrain;
  do {
    poked_ = false;
    // What is resumed may add a queue.
    for (std::size_t at = 0; at < queues_.size(); ++at) {
      grpc::CompletionQueue& queue = *queues_[at];
      for (int idle = 0; idle < kIdleLooks && budget > 0;) {
        if (DrainOnce(queue)) {
          idle = 0;
          --budget;
        } else {
          ++idle;
        }
      }
    }
  } while (poked_ && queues_.size() > 1 && budget > 0);
  draining_ = false;
  poked_ = false;
  if (budget == 0) Poke();
}

void Reactor::StartThread(grpc::CompletionQueue* queue) {
  threads_.emplace_back([this, queue] {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) {
      {
        const std::lock_guard lock(finished_mutex_);
        finished_.push_back({static_cast<Tag*>(tag), ok});
      }
      asio::post(io_, [this, alive = alive_] {
        if (*alive) CompleteFinished();
      });
    }
  });
}

void Reactor::CompleteFinished() {
  std::vector<Finished> batch;
  {
    const std::lock_guard lock(finished_mutex_);
    batch.swap(finished_);
  }
  for (const Finished& finished : batch) finished.tag->Complete(finished.ok);
}

}  // namespace patchbay::rpc
