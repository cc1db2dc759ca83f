#include "lib/log/stderr_sink.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace patchbay::log {
namespace {

// With so much gathered, the rest waits for the next write: a record that is queued is lost when the process dies.
constexpr std::size_t kGatheredBytesMax = 16 * 1024;

}  // namespace

std::future<void> StderrSink::NextFlush() {
  const std::lock_guard lock(flush_mutex_);
  return flushed_.emplace().get_future();
}

void StderrSink::sink_it_(const spdlog::details::log_msg& record) {
  lines_.append(record.payload.data(), record.payload.size());
  lines_.push_back('\n');
  if (lines_.size() >= kGatheredBytesMax || !more_waits_()) WriteOut();
}

void StderrSink::flush_() {
  WriteOut();
  const std::lock_guard lock(flush_mutex_);
  if (flushed_) flushed_->set_value();
  flushed_.reset();
}

void StderrSink::WriteOut() {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;  // the reader is gone: nobody can be told
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  lines_.clear();
}

}  // namespace patchbay::log
