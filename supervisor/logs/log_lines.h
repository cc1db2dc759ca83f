// From the bytes that a child writes to records of the one log stream. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace patchbay::supervisor {

// Cuts a byte stream into lines. A line longer than `kLineBytesMax` comes in pieces, so a child that never writes a
// newline costs a bounded buffer.
class LineSplitter {
 public:
  static constexpr std::size_t kLineBytesMax = 64 * 1024;

  void Feed(std::string_view bytes, const std::function<void(std::string_view line)>& take);
  // What is left without a newline at the end of the stream.
  void Finish(const std::function<void(std::string_view line)>& take);

 private:
  std::string rest_;
};

// Who wrote a line.
struct LogSource {
  std::string worker;
  std::int64_t generation = 0;
  int pid = 0;
};

// Makes records of the lines of one process. Once per request, so it reads a line once and formats nothing again.
class RecordMaker {
 public:
  explicit RecordMaker(LogSource source);
  ~RecordMaker();

  // A record of ours (a JSON object that begins with "ts") keeps its text and gets "worker", "generation" and "pid"
  // added at its end, where it has them not; anything else is what a library or a crash wrote and becomes
  // {"level":"warn","event":"output"}, at the time that `now` says.
  std::string Make(std::string_view line, const std::function<std::string()>& now);
  const LogSource& source() const { return source_; }

 private:
  struct Parser;

  LogSource source_;
  std::string worker_field_;  // `"worker":"frontend"`
  std::string generation_field_;
  std::string pid_field_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace patchbay::supervisor
