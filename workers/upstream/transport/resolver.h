// Host name → addresses that we may connect to, in the system's order of preference.
//
// Asio asks getaddrinfo in a thread that cannot be interrupted, so the wait is on a timer that the
// answer cuts short: giving up is immediate, and a late answer finds nobody.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "workers/upstream/transport/url.h"

namespace patchbay::upstream {

// Addresses that are tried for one connection.
inline constexpr std::size_t kMaxAddresses = 8;

// One resolution. Keep it by shared_ptr until Run has returned.
class Resolution : public std::enable_shared_from_this<Resolution> {
 public:
  explicit Resolution(asio::any_io_executor executor) : resolver_(executor), answered_(executor) {}

  // kNotFound when the name has no address, kPermissionDenied when all of them are private and that
  // is not allowed, kCancelled when given up.
  Awaitable<Result<std::vector<asio::ip::tcp::endpoint>>> Run(Authority authority, bool allow_private);
  void GiveUp();

 private:
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer answered_;
  bool given_up_ = false;
  boost::system::error_code error_;
  std::vector<asio::ip::tcp::endpoint> endpoints_;
};

}  // namespace patchbay::upstream
