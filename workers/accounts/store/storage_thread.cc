#include "workers/accounts/store/storage_thread.h"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace patchbay::accounts {

StorageThread::StorageThread(asio::io_context& io, std::unique_ptr<Store> store)
    : io_(io), store_(std::move(store)), thread_([this] { Loop(); }) {}

StorageThread::~StorageThread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void StorageThread::Push(Job job) {
  ++*pending_;
  job.awaited.emplace(io_.get_executor());
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() < kQueueMax && !stopping_) {
      queue_.push_back(std::move(job));
      job.done = nullptr;
    }
  }
  if (job.done) {
    Complete(std::move(job.done), Error(ErrorCode::kUnavailable, "too much is waiting for the disk"));
  } else {
    wake_.notify_one();
  }
}

void StorageThread::Complete(Done done, Result<void> result) {
  asio::post(io_, [pending = pending_, done = std::move(done), result = std::move(result)]() mutable {
    --*pending;
    if (done) done(std::move(result));
  });
}

Awaitable<void> StorageThread::Close() {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this](auto handler) {
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        Push(
            {.work = nullptr, .done = [resume](Result<void>) { std::move (*resume)(); }, .alone = true, .close = true});
      },
      asio::use_awaitable);
}

void StorageThread::Loop() {
  for (;;) {
    std::vector<Job> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      do {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      } while (!batch.back().alone && !queue_.empty() && !queue_.front().alone && batch.size() < kBatchMax);
    }
    RunBatch(std::move(batch));
  }
}

void StorageThread::RunBatch(std::vector<Job> batch) {
  if (batch.front().close) store_.reset();
  if (!store_) {
    for (Job& job : batch) Complete(std::move(job.done), Error(ErrorCode::kUnavailable, "the store is closed"));
    return;
  }
  std::vector<Result<void>> results(batch.size());
  const Result<void> committed = store_->InTransaction([&]() -> Result<void> {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      // Its own savepoint, so that one that is refused leaves nothing behind and its neighbours stand.
      results[i] = store_->InTransaction([&] { return batch[i].work(*store_); });
      if (!results[i].ok() && results[i].error().code == ErrorCode::kUnavailable) return results[i].error();
    }
    return {};
  });
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Complete(std::move(batch[i].done), committed.ok() ? std::move(results[i]) : Result<void>(committed.error()));
  }
}

}  // namespace patchbay::accounts
