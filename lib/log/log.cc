#include "lib/log/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

namespace patchbay::log {
namespace {

constexpr std::size_t kQueueRecords = 8192;

struct State {
  std::string process = "unnamed";
  std::shared_ptr<spdlog::logger> logger;
  std::function<void(std::string)> take;  // instead of the logger
  std::atomic<Level> level{Level::kInfo};
};

State& TheState() {
  static State& state = *new State;  // outlives every static destructor that might still log
  return state;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kTrace: return spdlog::level::trace;
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

std::string Timestamp() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const int tail = std::snprintf(text.data() + length, text.size() - length, ".%06dZ", static_cast<int>(micros));
  return std::string(text.data(), length + static_cast<std::size_t>(tail));
}

std::string_view ToString(Level level) {
  switch (level) {
    case Level::kTrace: return "trace";
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarn: return "warn";
    case Level::kError: return "error";
  }
  return "info";
}

Result<Level> ParseLevel(std::string_view text) {
  for (const Level level : {Level::kTrace, Level::kDebug, Level::kInfo, Level::kWarn, Level::kError}) {
    if (text == ToString(level)) return level;
  }
  return patchbay::Error(ErrorCode::kInvalidArgument,
                         "unknown log level '" + std::string(text) + "' (trace, debug, info, warn, error)");
}

std::string Format(Level level, std::string_view process, std::string_view event, Fields fields) {
  nlohmann::ordered_json record;
  record["ts"] = Timestamp();
  record["level"] = ToString(level);
  record["process"] = process;
  record["event"] = event;
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { record[std::string(field.key)] = value; }, field.value);
  }
  return record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void InitToStderr(std::string process) {
  State& state = TheState();
  state.process = std::move(process);
  spdlog::init_thread_pool(kQueueRecords, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  state.logger = std::make_shared<spdlog::async_logger>("patchbay", std::move(sink), spdlog::thread_pool(),
                                                        spdlog::async_overflow_policy::overrun_oldest);
  state.logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc));
  state.logger->set_level(spdlog::level::trace);
  state.logger->flush_on(spdlog::level::trace);
}

void InitToSink(std::string process, std::function<void(std::string record)> take) {
  State& state = TheState();
  state.process = std::move(process);
  state.take = std::move(take);
}

void Flush() {
  State& state = TheState();
  if (!state.logger) return;
  state.logger.reset();
  spdlog::shutdown();  // joins the pool's thread once the queue is empty
}

void SetLevel(Level level) { TheState().level.store(level, std::memory_order_relaxed); }

bool Enabled(Level level) { return level >= TheState().level.load(std::memory_order_relaxed); }

void Write(Level level, std::string_view event, Fields fields) {
  State& state = TheState();
  if (state.take) return state.take(Format(level, state.process, event, fields));
  if (!state.logger) return;
  state.logger->log(ToSpdlog(level), spdlog::string_view_t("{}"), Format(level, state.process, event, fields));
}

}  // namespace patchbay::log
