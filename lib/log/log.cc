#include "lib/log/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <utility>

#include "lib/log/stderr_sink.h"
#include "lib/time/time_text.h"
#include "lib/wire/json_writer.h"

namespace patchbay::log {
namespace {

constexpr std::size_t kQueueRecords = 8192;
// How long Flush waits for a reader that stalls.
constexpr std::chrono::seconds kFlushPatience{2};

struct State {
  std::string process = "unnamed";
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<StderrSink> sink;
  std::shared_ptr<spdlog::logger> logger;
  std::function<void(std::string)> take;  // instead of the logger
  std::function<void()> flush;
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
  return Rfc3339Micros(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
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
  constexpr std::size_t kUsualRecordBytes = 320;
  std::string record;
  record.reserve(kUsualRecordBytes);
  wire::JsonWriter json(record);
  json.BeginObject();
  json.Key("ts").String(Timestamp()).Key("level").String(ToString(level));
  json.Key("process").String(process).Key("event").String(event);
  for (const Field& field : fields) {
    json.Key(field.key);
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      json.Int(*number);
    } else if (const auto* fraction = std::get_if<double>(&field.value)) {
      json.Double(*fraction);
    } else if (const auto* flag = std::get_if<bool>(&field.value)) {
      json.Bool(*flag);
    } else {
      json.String(std::get<std::string>(field.value));
    }
  }
  json.EndObject();
  return record;
}

void InitToStderr(std::string process) {
  State& state = TheState();
  state.process = std::move(process);
  state.pool = std::make_shared<spdlog::details::thread_pool>(kQueueRecords, 1);
  state.sink = std::make_shared<StderrSink>([pool = state.pool.get()] { return pool->queue_size() > 0; });
  state.logger = std::make_shared<spdlog::async_logger>("patchbay", state.sink, state.pool,
                                                        spdlog::async_overflow_policy::overrun_oldest);
  state.logger->set_level(spdlog::level::trace);
}

void InitToSink(std::string process, std::function<void(std::string record)> take, std::function<void()> flush) {
  State& state = TheState();
  state.process = std::move(process);
  state.take = std::move(take);
  state.flush = std::move(flush);
}

void Flush() {
  State& state = TheState();
  if (state.flush) return state.flush();
  if (!state.logger) return;
  auto flushed = state.sink->NextFlush();
  state.logger->flush();
  flushed.wait_for(kFlushPatience);
}

void SetLevel(Level level) { TheState().level.store(level, std::memory_order_relaxed); }

bool Enabled(Level level) { return level >= TheState().level.load(std::memory_order_relaxed); }

void Write(Level level, std::string_view event, Fields fields) {
  State& state = TheState();
  if (state.take) return state.take(Format(level, state.process, event, fields));
  if (!state.logger) {
    if (level == Level::kError) std::fprintf(stderr, "%s\n", Format(level, state.process, event, fields).c_str());
    return;
  }
  state.logger->log(ToSpdlog(level), spdlog::string_view_t(Format(level, state.process, event, fields)));
}

}  // namespace patchbay::log
