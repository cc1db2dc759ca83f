// A wake-up for one waiting coroutine: "something changed, look again". Single-threaded.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "lib/async/asio.h"
#include "lib/base/check.h"

namespace patchbay::async {

// A Notify without a waiter is remembered, so that none is lost; several count as one.
// Destroying an Event wakes its waiter, which must not touch the Event again: keep the Event in the
// object that the waiting coroutine holds on to.
class Event {
 public:
  explicit Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~Event() { Notify(); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void Notify() {
    if (!waiter_) {
      signalled_ = true;
      return;
    }
    asio::post(executor_, [waiter = std::shared_ptr<Waiter>(std::move(waiter_))] { waiter->Wake(); });
  }

  // Returns after the next Notify, or at once if there was one since the last Wait.
  Awaitable<void> Wait() {
    if (signalled_) {
      signalled_ = false;
      co_return;
    }
    PATCHBAY_CHECK(!waiter_);  // one waiter at a time
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler) { waiter_ = std::make_unique<HandlerWaiter<decltype(handler)>>(std::move(handler)); },
        asio::use_awaitable);
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void Wake() = 0;
  };
  template <class Handler>
  struct HandlerWaiter final : Waiter {
    explicit HandlerWaiter(Handler h) : handler(std::move(h)) {}
    void Wake() override { std::move(handler)(); }
    Handler handler;
  };

  asio::any_io_executor executor_;
  std::unique_ptr<Waiter> waiter_;
  bool signalled_ = false;
};

}  // namespace patchbay::async
