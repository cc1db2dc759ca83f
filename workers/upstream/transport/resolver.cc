#include "workers/upstream/transport/resolver.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "workers/upstream/transport/address_guard.h"

namespace patchbay::upstream {

using asio::ip::tcp;

Awaitable<Result<std::vector<tcp::endpoint>>> Resolution::Run(Authority authority, bool allow_private) {
  const auto self = shared_from_this();
  boost::system::error_code not_an_address;
  const auto literal = asio::ip::make_address(authority.host, not_an_address);
  if (!not_an_address) {
    endpoints_.emplace_back(literal, authority.port);
  } else {
    resolver_.async_resolve(authority.host, std::to_string(authority.port), tcp::resolver::numeric_service,
                            [self](boost::system::error_code error, const tcp::resolver::results_type& results) {
                              self->error_ = error;
                              for (const auto& result : results) self->endpoints_.push_back(result.endpoint());
                              self->answered_.cancel();
                            });
    answered_.expires_at(asio::steady_timer::time_point::max());
    co_await answered_.async_wait(asio::as_tuple(asio::use_awaitable));
    // Even when the answer came between GiveUp and this.
    if (given_up_) co_return Error(ErrorCode::kCancelled, "the name's address did not come in time");
    if (error_) co_return Error(ErrorCode::kNotFound, "no address for " + authority.host + ": " + error_.message());
  }
  if (!allow_private) {
    std::erase_if(endpoints_, [](const tcp::endpoint& endpoint) { return !IsPublicAddress(endpoint.address()); });
    if (endpoints_.empty()) {
      co_return Error(ErrorCode::kPermissionDenied,
                      authority.host + " has only private addresses; the provider's allow_private is off");
    }
  }
  if (endpoints_.empty()) co_return Error(ErrorCode::kNotFound, "no address for " + authority.host);
  endpoints_.resize(std::min(endpoints_.size(), kMaxAddresses));
  co_return std::move(endpoints_);
}

void Resolution::GiveUp() {
  given_up_ = true;
  resolver_.cancel();
  answered_.cancel();
}

}  // namespace patchbay::upstream
