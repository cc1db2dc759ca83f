#include "supervisor/logs/log_lines.h"

#include <simdjson.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "lib/base/text.h"
#include "lib/wire/json_members.h"

namespace patchbay::supervisor {
namespace {

using Json = nlohmann::ordered_json;

// Fields that the head of a text line shows, and those that say again who wrote it.
constexpr std::array<std::string_view, 4> kInHead = {"ts", "level", "process", "event"};
constexpr std::array<std::string_view, 3> kQuiet = {"worker", "generation", "pid"};

std::string Quoted(const std::string& text) { return wire::Written(Json(text)); }

template <class List>
bool Contains(const List& list, std::string_view key) {
  for (const std::string_view item : list) {
    if (item == key) return true;
  }
  return false;
}

std::string_view Colour(std::string_view level) {
  if (level == "error") return "\x1b[31m";
  if (level == "warn") return "\x1b[33m";
  if (level == "info") return "\x1b[32m";
  return "\x1b[90m";
}

// A terminal obeys control characters; a log line must not be able to give orders.
void AppendPrintable(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
}

}  // namespace

void LineSplitter::Feed(std::string_view bytes, const std::function<void(std::string_view line)>& take) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, newline);
    const std::size_t room = kLineBytesMax - rest_.size();
    if (piece.size() > room) {
      rest_.append(piece.substr(0, room));
      take(rest_);
      rest_.clear();
      bytes.remove_prefix(room);
      continue;
    }
    if (newline == std::string_view::npos) {
      rest_.append(piece);
      return;
    }
    if (rest_.empty()) {
      take(piece);
    } else {
      rest_.append(piece);
      take(rest_);
      rest_.clear();
    }
    bytes.remove_prefix(newline + 1);
  }
}

void LineSplitter::Finish(const std::function<void(std::string_view line)>& take) {
  if (!rest_.empty()) take(rest_);
  rest_.clear();
}

struct RecordMaker::Parser {
  simdjson::dom::parser json;
};

RecordMaker::RecordMaker(LogSource source)
    : source_(std::move(source)),
      worker_field_("\"worker\":" + Quoted(source_.worker)),
      generation_field_("\"generation\":" + std::to_string(source_.generation)),
      pid_field_("\"pid\":" + std::to_string(source_.pid)),
      parser_(std::make_unique<Parser>()) {}

RecordMaker::~RecordMaker() = default;

std::string RecordMaker::Make(std::string_view line, const std::function<std::string()>& now) {
  std::string record;
  bool has_worker = false;
  bool has_generation = false;
  bool has_pid = false;
  simdjson::dom::object object;
  const bool ours = line.starts_with("{\"ts\":") && line.ends_with('}') &&
                    parser_->json.parse(line.data(), line.size()).get(object) == simdjson::SUCCESS;
  if (ours) {
    for (const auto field : object) {
      has_worker = has_worker || field.key == "worker";
      has_generation = has_generation || field.key == "generation";
      has_pid = has_pid || field.key == "pid";
    }
    record.reserve(line.size() + worker_field_.size() + generation_field_.size() + pid_field_.size() + 3);
    record = line;
  } else {
    Json wrapped;
    wrapped["ts"] = now();
    wrapped["level"] = "warn";
    wrapped["process"] = source_.worker;
    wrapped["event"] = "output";
    wrapped["text"] = line;
    record = wire::Written(wrapped);
  }
  record.pop_back();
  const auto add = [&record](bool known, const std::string& field) {
    if (!known) record.append(1, ',').append(field);
  };
  add(has_worker, worker_field_);
  add(has_generation, generation_field_);
  add(has_pid, pid_field_);
  record += '}';
  return record;
}

std::string ToText(std::string_view record, bool colour) {
  const Json parsed = wire::ParseOrNothing<Json>(record);
  if (!parsed.is_object()) return std::string(record);
  const auto text_of = [&](const char* key) { return wire::TextOf(parsed, key); };
  const std::string ts = text_of("ts");
  std::string level = text_of("level");
  std::string process = text_of("process");
  // A worker's own record: who it is stands in the head already. The supervisor's records about a worker say which.
  const bool own = process == text_of("worker");

  std::string out;
  // "2026-01-02T03:04:05.678901Z": the time of day to the millisecond is what a person at a terminal reads.
  out += ts.size() >= 23 ? ts.substr(11, 12) : ts;
  out += ' ';
  if (colour) out += Colour(level);
  for (char& c : level) c = UpperCase(c);
  level.resize(std::max<std::size_t>(level.size(), 5), ' ');
  AppendPrintable(out, level);
  if (colour) out += "\x1b[0m";
  out += ' ';
  process.resize(std::max<std::size_t>(process.size(), 9), ' ');
  AppendPrintable(out, process);
  out += ' ';
  if (colour) out += "\x1b[1m";
  AppendPrintable(out, text_of("event"));
  if (colour) out += "\x1b[0m";
  for (const auto& [key, value] : parsed.items()) {
    if (Contains(kInHead, key) || (own && Contains(kQuiet, key))) continue;
    out += ' ';
    AppendPrintable(out, key);
    out += '=';
    const bool bare = value.is_string() && value.get_ref<const std::string&>().find(' ') == std::string::npos;
    AppendPrintable(out, bare ? value.get<std::string>() : wire::Written(value));
  }
  return out;
}

}  // namespace patchbay::supervisor
