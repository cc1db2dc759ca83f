// The thread for reads that may take long, over millions of rows: what is written meanwhile waits for none of them.
// They are queued (bounded), done one after the other, and answered on the io_context.
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
#include <utility>

#include "lib/async/asio.h"
#include "workers/accounts/store/stored_usage.h"

namespace patchbay::accounts {

class ReadThread {
 public:
  static constexpr std::size_t kQueueMax = 64;

  ReadThread(asio::io_context& io, std::unique_ptr<StoredUsage> reader);
  // Waits for the read that is under way; those behind it are not done.
  ~ReadThread();
  ReadThread(const ReadThread&) = delete;
  ReadThread& operator=(const ReadThread&) = delete;

  // kResourceExhausted: too many wait. kUnavailable: it is closed. `read` always as a variable, see StorageThread.
  template <class T>
  Awaitable<Result<T>> Run(std::function<Result<T>(StoredUsage&)> read) {
    auto value = std::make_shared<std::optional<Result<T>>>();
    auto initiate = [this, value, read = std::move(read)](auto handler) mutable {
      auto resume = std::make_shared<decltype(handler)>(std::move(handler));
      Push({[value, read = std::move(read)](Result<StoredUsage*> reader) {
              value->emplace(reader.ok() ? read(**reader) : Result<T>(std::move(reader).error()));
            },
            [resume] { std::move (*resume)(); }});
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
    co_return std::move(**value);
  }

  // Lets the read that is under way end, and gives the reader back to the disk.
  Awaitable<void> Close();

 private:
  struct Job {
    std::function<void(Result<StoredUsage*>)> read;  // null: close
    std::function<void()> done;
    // The io_context has something to wait for.
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> awaited = std::nullopt;
  };
  void Push(Job job);
  void Loop();
  void Complete(std::function<void()> done);

  asio::io_context& io_;
  std::unique_ptr<StoredUsage> reader_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool closed_ = false;  // nothing more is read
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace patchbay::accounts
