#include "supervisor/logs/child_output.h"

#include <fcntl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay::supervisor {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
// A busy worker writes a record for every request: they are read some at a time, not one by one. The pipe holds what
// comes meanwhile (fcntl(2), F_SETPIPE_SZ; when it is refused the usual 64 KiB do).
constexpr std::chrono::milliseconds kGulpPause{5};
constexpr int kPipeBytes = 256 * 1024;

}  // namespace

Awaitable<void> ReadOutput(asio::posix::stream_descriptor pipe, LogHub& logs, LogSource source) {
  (void)fcntl(pipe.native_handle(), F_SETPIPE_SZ, kPipeBytes);
  LineSplitter lines;
  RecordMaker maker(std::move(source));
  const auto take = [&](std::string_view line) { logs.Line(maker, line); };
  std::array<char, kReadBytes> buffer;
  asio::steady_timer pause(pipe.get_executor());
  for (;;) {
    boost::system::error_code error;
    const std::size_t count =
        co_await pipe.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (count > 0) lines.Feed({buffer.data(), count}, take);
    if (error) break;
    if (count == buffer.size()) continue;  // there is more
    pause.expires_after(kGulpPause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
  lines.Finish(take);
}

}  // namespace patchbay::supervisor
