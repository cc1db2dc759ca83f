#include "lib/async/time_source.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace patchbay::async {
namespace {

class LoopTimer final : public TimeSource::Timer {
 public:
  LoopTimer(asio::io_context& io, SteadyTime when, std::function<void()> then)
      : timer_(io, when), then_(std::make_shared<std::function<void()>>(std::move(then))) {
    timer_.async_wait([weak = std::weak_ptr(then_)](boost::system::error_code cancelled) {
      const auto callback = weak.lock();  // a timer that was destroyed after it had expired says nothing either
      if (!cancelled && callback) (*callback)();
    });
  }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<std::function<void()>> then_;
};

}  // namespace

std::unique_ptr<TimeSource::Timer> LoopTime::At(SteadyTime when, std::function<void()> then) {
  return std::make_unique<LoopTimer>(io_, when, std::move(then));
}

}  // namespace patchbay::async
