// One thread for Asio and gRPC: gRPC's epoll descriptor is watched by the io_context, and its
// completion queues are drained there, so every gRPC operation is awaitable without a thread hop.
//
// Fast mode relies on how the pinned gRPC 1.51 polls (one process-wide epoll set, found by looking
// at the descriptors that creating a completion queue adds). When the descriptor is not found, a
// thread per queue waits and posts instead: same interface, 2–4× the CPU. mode() tells which.
//
// Not thread-safe: construct, use and destroy on the io_context's thread.
#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "lib/async/asio.h"

namespace patchbay::rpc {

// What a completion queue gives back. Owns itself until one of these two is called.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Complete(bool ok) = 0;
  // Nobody will act on it any more: the reactor is going away.
  virtual void Abandon() = 0;
};

class Reactor {
 public:
  enum class Mode { kFast, kThreaded };

  // A completion made by one of gRPC's own threads (its timers) wakes nobody; a look at this interval finds it.
  static constexpr std::chrono::milliseconds kTick{10};

  // `force_threaded` selects the fallback; tests use it to prove that it works, and `tick` that nothing else needs one.
  explicit Reactor(asio::io_context& io, bool force_threaded = false, std::chrono::milliseconds tick = kTick);
  // Shuts every queue down and drains it. All calls must have been cancelled or finished.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  asio::io_context& io() { return io_; }
  Mode mode() const { return mode_; }

  // The process's main queue: for client calls, and for the server made with `main_builder()`.
  grpc::ServerCompletionQueue* queue() { return queues_.front().get(); }
  grpc::ServerBuilder& main_builder() { return *main_builder_; }
  // A further queue for a further server in the same process. Owned here.
  grpc::ServerCompletionQueue* AddQueue(grpc::ServerBuilder& builder);

  // Keeps a server that has been shut down until its queue is drained: gRPC's last completions look at it.
  void Keep(std::unique_ptr<grpc::Server> server) { kept_.push_back(std::move(server)); }

  // Call after every gRPC initiation: completions that gRPC already has do not wake the epoll set.
  void Poke();

  // Starts one gRPC operation, `start(void* tag)`, and waits for it. The result is gRPC's `ok`.
  template <class Start>
  Awaitable<bool> Run(Start start) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this](auto handler, Start begin) {
          begin(static_cast<void*>(static_cast<Tag*>(new HandlerTag<decltype(handler)>(std::move(handler)))));
          Poke();
        },
        asio::use_awaitable, std::move(start));
  }

 private:
  template <class Handler>
  class HandlerTag final : public Tag {
   public:
    explicit HandlerTag(Handler handler) : handler_(std::move(handler)) {}
    void Complete(bool ok) override {
      Handler handler = std::move(handler_);
      delete this;
      std::move(handler)(ok);
    }
    void Abandon() override { delete this; }  // destroys the waiting coroutine without resuming it

   private:
    Handler handler_;
  };

  void WatchDescriptor();
  void Tick();
  void Drain();
  bool DrainOnce(grpc::CompletionQueue& queue);  // true when there was an event
  void StartThread(grpc::CompletionQueue* queue);
  void CompleteFinished();

  struct Finished {
    Tag* tag;
    bool ok;
  };

  asio::io_context& io_;
  Mode mode_ = Mode::kThreaded;
  std::unique_ptr<grpc::ServerBuilder> main_builder_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::unique_ptr<grpc::Server>> kept_;
  std::unique_ptr<asio::posix::stream_descriptor> descriptor_;  // gRPC's epoll set; not ours to close
  const std::chrono::milliseconds tick_every_;
  asio::steady_timer tick_;
  std::vector<std::thread> threads_;
  std::mutex finished_mutex_;
  std::vector<Finished> finished_;  // by the threads, not yet completed; under finished_mutex_
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool poked_ = false;
  bool draining_ = false;
};

}  // namespace patchbay::rpc
