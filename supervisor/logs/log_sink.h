// Where the one log stream goes: text on a terminal, JSON lines, or journald. One spdlog logger with one thread, so a
// terminal or a pipe that stalls never stalls the supervisor; the oldest waiting records are dropped instead.
#pragma once

#include <memory>
#include <string>

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace patchbay::supervisor {

enum class LogFormat { kText, kJson, kJournald };

// What `log.format` means here: "auto" is journald when stderr is the journal (JOURNAL_STREAM), text on a terminal,
// JSON lines otherwise.
LogFormat ChooseLogFormat(const std::string& setting);

class LogSink {
 public:
  virtual ~LogSink() = default;
  // One or several records, each with its newline: as many as are there go out in one write.
  virtual void Write(std::string lines) = 0;
};

class SpdlogSink final : public LogSink {
 public:
  explicit SpdlogSink(LogFormat format);
  ~SpdlogSink() override;  // waits until everything queued is out
  void Write(std::string lines) override;

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace patchbay::supervisor
