// The one thread that waits for the disk. Work is queued (bounded), done in order, several pieces in one
// transaction, and told of on the io_context only after COMMIT: what was acknowledged is durable.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "lib/async/asio.h"
#include "workers/accounts/store/store.h"

namespace patchbay::accounts {

class StorageThread {
 public:
  static constexpr std::size_t kQueueMax = 100'000;
  static constexpr std::size_t kBatchMax = 512;

  using Work = std::function<Result<void>(Store&)>;
  // For Run, always as a variable: GCC 12 copies a closure that is written inside a co_await expression bit by bit,
  // which breaks the short strings that it holds.
  using Write = std::function<Result<bool>(Store&)>;
  using Done = std::function<void(Result<void>)>;

  StorageThread(asio::io_context& io, std::unique_ptr<Store> store);
  // Finishes what is queued; completions that were not delivered yet are dropped with the io_context.
  ~StorageThread();
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  // Shares a transaction with its neighbours. `done` runs on the io_context. When a transaction cannot be committed
  // every piece of work in it gets kUnavailable and none of it happened.
  void Submit(Work work, Done done) { Push({.work = std::move(work), .done = std::move(done), .alone = false}); }

  // A transaction of its own: for tokens, which no neighbour's trouble may touch.
  template <class T>
  Awaitable<Result<T>> Run(std::function<Result<T>(Store&)> work) {
    auto value = std::make_shared<std::optional<Result<T>>>();
    auto outcome = std::make_shared<std::optional<Result<void>>>();
    // Named, and not written inside the co_await expression: GCC 12 copies a temporary closure there byte by byte, and
    // what it holds is then destroyed twice.
    auto initiate = [this, value, outcome, work = std::move(work)](auto handler) mutable {
      auto resume = std::make_shared<decltype(handler)>(std::move(handler));
      Push({[value, work = std::move(work)](Store& store) -> Result<void> {
              value->emplace(work(store));
              if (!(*value)->ok()) return (*value)->error();
              return {};
            },
            [outcome, resume](Result<void> result) {
              outcome->emplace(std::move(result));
              std::move (*resume)();
            },
            true});
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
    if (!(*outcome)->ok()) co_return std::move(**outcome).error();
    co_return std::move(**value);
  }

  // Finishes what is queued and closes the store, which leaves one whole file behind. Work that is submitted later gets
  // kUnavailable.
  Awaitable<void> Close();

  // Work that was submitted and not completed yet, seen from the io_context's thread.
  std::size_t pending() const { return *pending_; }

 private:
  struct Job {
    Work work;
    Done done;
    bool alone;
    bool close = false;  // instead of work
    // The io_context has something to wait for.
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> awaited = std::nullopt;
  };
  void Push(Job job);
  void Loop();
  void RunBatch(std::vector<Job> batch);
  void Complete(Done done, Result<void> result);

  asio::io_context& io_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<std::size_t> pending_ = std::make_shared<std::size_t>(0);
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace patchbay::accounts
