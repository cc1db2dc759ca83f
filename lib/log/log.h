// Facts as fields: log::Info("lease.settled", {{"account", id}, {"ms", 12}}).
//
// A record is one JSON line: {"ts","level","process","event", fields…}. Workers write theirs to
// stderr, where the supervisor reads them; the supervisor writes the one stream that operators see.
// Writing never blocks the caller: a bounded queue drops the oldest records when the reader stalls.
// Before Init, and in programs without one, only errors are written: to stderr, at once.
// Thread-safe. Secrets have no conversion to Field, so they cannot be logged.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "lib/base/ids.h"
#include "lib/base/result.h"

namespace patchbay {
class Secret;
}

namespace patchbay::log {

enum class Level { kTrace, kDebug, kInfo, kWarn, kError };

std::string_view ToString(Level level);
Result<Level> ParseLevel(std::string_view text);

struct Field {
  std::string_view key;
  std::variant<std::int64_t, double, bool, std::string> value;

  Field(std::string_view name, const char* text) : key(name), value(std::string(text)) {}
  Field(std::string_view name, std::string_view text) : key(name), value(std::string(text)) {}
  Field(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  Field(std::string_view name, bool flag) : key(name), value(flag) {}
  Field(std::string_view name, std::integral auto number) : key(name), value(static_cast<std::int64_t>(number)) {}
  Field(std::string_view name, std::floating_point auto number) : key(name), value(static_cast<double>(number)) {}
  template <class Tag>
  Field(std::string_view name, const StrongId<Tag>& id) : key(name), value(id.str()) {}
  Field(std::string_view name, const Secret&) = delete;
};

using Fields = std::initializer_list<Field>;

// One finished record: a JSON object on one line, without the newline.
std::string Format(Level level, std::string_view process, std::string_view event, Fields fields);

// The time as records show it: UTC with microseconds.
std::string Timestamp();

// Sends this process's records to stderr as JSON lines. Call once, first thing in main.
void InitToStderr(std::string process);
// Gives this process's records to `take` instead, on whichever thread wrote them. For the supervisor,
// which mixes its own records with its workers'. `flush` is what Flush does then.
void InitToSink(std::string process, std::function<void(std::string record)> take, std::function<void()> flush);
// Waits, bounded, until queued records are out.
void Flush();

void SetLevel(Level level);
bool Enabled(Level level);

void Write(Level level, std::string_view event, Fields fields);
inline void Debug(std::string_view event, Fields fields = {}) {
  if (Enabled(Level::kDebug)) Write(Level::kDebug, event, fields);
}
inline void Info(std::string_view event, Fields fields = {}) {
  if (Enabled(Level::kInfo)) Write(Level::kInfo, event, fields);
}
inline void Warn(std::string_view event, Fields fields = {}) {
  if (Enabled(Level::kWarn)) Write(Level::kWarn, event, fields);
}
inline void Error(std::string_view event, Fields fields = {}) {
  if (Enabled(Level::kError)) Write(Level::kError, event, fields);
}

}  // namespace patchbay::log
