// The few Asio names that our headers use.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace patchbay::net {
namespace asio = boost::asio;
template <class T>
using Awaitable = boost::asio::awaitable<T>;
}  // namespace patchbay::net
