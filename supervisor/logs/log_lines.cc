#include "supervisor/logs/log_lines.h"

#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "lib/wire/json_members.h"

namespace patchbay::supervisor {
namespace {

using Json = nlohmann::ordered_json;

std::string Quoted(const std::string& text) { return wire::Written(Json(text)); }

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

}  // namespace patchbay::supervisor
