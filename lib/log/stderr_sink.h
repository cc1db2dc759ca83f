// Where records leave the process: lines on stderr, as many in one write as are waiting. Internal to lib/log.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>

namespace patchbay::log {

// Its one writer is the logger's thread; NextFlush is for any other.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // `more_waits`: whether another record is queued, which will then be written together with this one.
  explicit StderrSink(std::function<bool()> more_waits) : more_waits_(std::move(more_waits)) {}

  // Is ready once the next flush of the logger has reached stderr.
  std::future<void> NextFlush();

 private:
  void sink_it_(const spdlog::details::log_msg& record) override;
  void flush_() override;
  void WriteOut();

  const std::function<bool()> more_waits_;
  std::string lines_;
  std::mutex flush_mutex_;
  std::optional<std::promise<void>> flushed_;  // under flush_mutex_
};

}  // namespace patchbay::log
