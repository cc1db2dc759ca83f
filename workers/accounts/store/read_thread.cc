#include "workers/accounts/store/read_thread.h"

#include <boost/asio/post.hpp>

namespace patchbay::accounts {

ReadThread::ReadThread(asio::io_context& io, std::unique_ptr<StoredUsage> reader)
    : io_(io), reader_(std::move(reader)), thread_([this] { Loop(); }) {}

ReadThread::~ReadThread() {
  {
    std::lock_guard lock(mutex_);
    closed_ = stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ReadThread::Push(Job job) {
  job.awaited.emplace(io_.get_executor());
  std::optional<Error> refused;
  {
    std::lock_guard lock(mutex_);
    if (job.read && closed_) {
      refused.emplace(ErrorCode::kUnavailable, "the store is closed");
    } else if (job.read && queue_.size() >= kQueueMax) {
      refused.emplace(ErrorCode::kResourceExhausted, "too many questions about usage are waiting; ask again later");
    } else {
      queue_.push_back(std::move(job));
    }
  }
  if (!refused) return wake_.notify_one();
  job.read(std::move(*refused));
  Complete(std::move(job.done));
}

void ReadThread::Complete(std::function<void()> done) { asio::post(io_, std::move(done)); }

Awaitable<void> ReadThread::Close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this](auto handler) {
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        Push({.read = nullptr, .done = [resume] { std::move (*resume)(); }});
      },
      asio::use_awaitable);
}

void ReadThread::Loop() {
  for (;;) {
    std::optional<Job> next;
    bool closed = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      next.emplace(std::move(queue_.front()));
      queue_.pop_front();
      closed = closed_;
    }
    Job& job = *next;
    if (!job.read) {
      reader_.reset();
    } else if (closed || !reader_) {
      job.read(Error(ErrorCode::kUnavailable, "the store is closed"));
    } else {
      job.read(reader_.get());
    }
    Complete(std::move(job.done));
  }
}

}  // namespace patchbay::accounts
