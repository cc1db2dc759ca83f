#include "supervisor/logs/log_sink.h"

#define SD_JOURNAL_SUPPRESS_LOCATION  // every record would name this file
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "lib/log/record_text.h"
#include "lib/wire/json_members.h"

namespace patchbay::supervisor {
namespace {

// Of batches, each of one record to LogHub::kBatchBytes.
constexpr std::size_t kQueueBatches = 1024;

// Calls `each` for every record of a batch.
template <class Each>
void ForEachRecord(std::string_view lines, Each each) {
  while (!lines.empty()) {
    const std::size_t newline = std::min(lines.find('\n'), lines.size());
    each(lines.substr(0, newline));
    lines.remove_prefix(std::min(newline + 1, lines.size()));
  }
}

class StreamSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  StreamSink(bool text, bool colour) : text_(text), colour_(colour) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view lines(message.payload.data(), message.payload.size());
    if (text_) {
      std::string text;
      ForEachRecord(lines, [&](std::string_view record) { text += log::RecordText(record, colour_) + '\n'; });
      std::fwrite(text.data(), 1, text.size(), stdout);
    } else {
      std::fwrite(lines.data(), 1, lines.size(), stdout);
    }
    std::fflush(stdout);
  }
  void flush_() override { std::fflush(stdout); }

  bool text_;
  bool colour_;
};

int Priority(const std::string& level) {
  if (level == "error") return LOG_ERR;
  if (level == "warn") return LOG_WARNING;
  return level == "debug" || level == "trace" ? LOG_DEBUG : LOG_INFO;
}

// Field names in the journal are upper case; ours are prefixed so that they meet nobody else's.
std::string JournalKey(const std::string& key) {
  std::string name = "PATCHBAY_";
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 32) : (kept ? c : '_');
  }
  return name;
}

class JournaldSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    ForEachRecord({message.payload.data(), message.payload.size()}, Send);
  }
  void flush_() override {}

  static void Send(std::string_view record) {
    const auto parsed = wire::ParseOrNothing<nlohmann::ordered_json>(record);
    if (!parsed.is_object()) return;
    std::vector<std::string> fields;
    fields.push_back("MESSAGE=" + log::RecordMessage(record));
    fields.push_back("PRIORITY=" + std::to_string(Priority(wire::TextOf(parsed, "level"))));
    fields.push_back("SYSLOG_IDENTIFIER=patchbayd");
    for (const auto& [key, value] : parsed.items()) {
      if (key == "ts" || key == "level") continue;
      fields.push_back(JournalKey(key) + "=" + (value.is_string() ? value.get<std::string>() : wire::Written(value)));
    }
    std::vector<iovec> vector;
    for (std::string& field : fields) vector.push_back({field.data(), field.size()});
    sd_journal_sendv(vector.data(), static_cast<int>(vector.size()));
  }
};

bool StandardErrorIsTheJournal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat facts {};
  if (stream == nullptr || fstat(STDERR_FILENO, &facts) != 0) return false;
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) == stream;
}

}  // namespace

LogFormat ChooseLogFormat(const std::string& setting) {
  if (setting == "text") return LogFormat::kText;
  if (setting == "json") return LogFormat::kJson;
  if (setting == "journald") return LogFormat::kJournald;
  if (StandardErrorIsTheJournal()) return LogFormat::kJournald;
  return isatty(STDOUT_FILENO) != 0 ? LogFormat::kText : LogFormat::kJson;
}

SpdlogSink::SpdlogSink(LogFormat format) : pool_(std::make_shared<spdlog::details::thread_pool>(kQueueBatches, 1)) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  switch (format) {
    case LogFormat::kText: sink = std::make_shared<StreamSink>(true, colour); break;
    case LogFormat::kJson: sink = std::make_shared<StreamSink>(false, false); break;
    case LogFormat::kJournald: sink = std::make_shared<JournaldSink>(); break;
  }
  logger_ = std::make_shared<spdlog::async_logger>("patchbayd", std::move(sink), pool_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
  logger_->set_level(spdlog::level::trace);
}

SpdlogSink::~SpdlogSink() {
  logger_.reset();
  pool_.reset();
}

void SpdlogSink::Write(std::string lines) {
  logger_->log(spdlog::level::info, spdlog::string_view_t(lines.data(), lines.size()));
}

}  // namespace patchbay::supervisor
