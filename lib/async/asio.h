// The few Asio names that our headers use.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace patchbay {
namespace asio = boost::asio;
template <class T>
using Awaitable = boost::asio::awaitable<T>;
}  // namespace patchbay
