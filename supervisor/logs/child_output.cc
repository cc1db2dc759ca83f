#include "supervisor/logs/child_output.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay::supervisor {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

}  // namespace

Awaitable<void> ReadOutput(asio::posix::stream_descriptor pipe, LogHub& logs, LogSource source) {
  LineSplitter lines;
  const auto take = [&](std::string_view line) { logs.Line(source, line); };
  std::array<char, kReadBytes> buffer;
  for (;;) {
    boost::system::error_code error;
    const std::size_t count =
        co_await pipe.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (count > 0) lines.Feed({buffer.data(), count}, take);
    if (error) break;
  }
  lines.Finish(take);
}

}  // namespace patchbay::supervisor
