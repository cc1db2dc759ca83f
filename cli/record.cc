// patchbay record: what clients asked and what they were answered, redacted, as files that become golden cases.

#include <google/protobuf/text_format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/redact.h"

namespace patchbay::cli {
namespace {

using gateway::v1::Recorder;
using gateway::v1::Recording;

// One question to the gateway; it is asked again until there is an answer.
constexpr std::int64_t kWaitSeconds = 15;

struct RecordArguments {
  int count = 1;
  std::string directory = ".";
  bool keep_text = false;
  int give_up_s = 0;  // 0: never
};

Result<void> Write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return Error(ErrorCode::kUnavailable, "cannot write " + path.string());
  return {};
}

// As the golden tests read them: the text of a patchbay.upstream.v1.Events, whose field has the same name.
std::string EventsText(Recording recording, Redactor& redactor) {
  Recording events;
  events.mutable_events()->Swap(recording.mutable_events());
  for (auto& event : *events.mutable_events()) redactor.Message(event);
  std::string text;
  google::protobuf::TextFormat::PrintToString(events, &text);
  return "# proto-message: patchbay.upstream.v1.Events\n" + text;
}

std::string About(const Recording& recording) {
  const nlohmann::ordered_json about = {
      {"dialect", recording.dialect()},       {"path", recording.path()},
      {"originator", recording.originator()}, {"transport", recording.socket() ? "websocket" : "http"},
      {"model", recording.model()},           {"status", recording.status()},
      {"ending", recording.ending()},         {"problem", recording.problem()},
      {"stream", recording.stream()},         {"cut", recording.cut()}};
  return about.dump(2) + "\n";
}

Result<void> KeepResponse(const Recording& recording, const std::filesystem::path& directory, bool keep_text) {
  Redactor redactor(keep_text);
  const std::string& body = recording.response_body();
  const bool stream = recording.stream() && recording.status() == 200;
  if (!stream) return Write(directory / "response.json", redactor.Json(body) + "\n");
  if (recording.lines()) return Write(directory / "response.ndjson", redactor.Lines(body));
  return Write(directory / "response.sse", redactor.Events(body));
}

Result<std::filesystem::path> Keep(const Recording& recording, const RecordArguments& arguments) {
  // The request's id may be the client's own text, and the dialect a bridge's.
  std::string name;
  for (const char c : recording.dialect() + "-" + recording.request_id())
    name.push_back(std::isalnum(static_cast<unsigned char>(c)) || c == '-' ? c : '_');
  const std::filesystem::path directory = std::filesystem::path(arguments.directory) / name;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error(ErrorCode::kUnavailable, "cannot make " + directory.string() + ": " + error.message());
  Redactor redactor(arguments.keep_text);
  RETURN_IF_ERROR(Write(directory / "request.json", redactor.Body(recording.request_body()) + "\n"));
  if (recording.events_size() > 0) {
    Redactor of_events(arguments.keep_text);
    RETURN_IF_ERROR(Write(directory / "events.txtpb", EventsText(recording, of_events)));
  }
  if (!recording.provider_bytes().empty()) {
    Redactor of_provider(arguments.keep_text);
    const std::string& bytes = recording.provider_bytes();
    RETURN_IF_ERROR(IsDocument(bytes) ? Write(directory / "provider.json", of_provider.Json(bytes) + "\n")
                                      : Write(directory / "provider.sse", of_provider.Events(bytes)));
  }
  RETURN_IF_ERROR(KeepResponse(recording, directory, arguments.keep_text));
  RETURN_IF_ERROR(Write(directory / "recording.json", About(recording)));
  return directory;
}

Result<void> Record(const Context& context, const RecordArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  std::fprintf(stderr, "recording the next %d call%s; texts are %s\n", arguments.count, arguments.count == 1 ? "" : "s",
               arguments.keep_text ? "kept as they are" : "masked");
  const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds(arguments.give_up_s);
  bool first = true;
  for (int kept = 0; kept < arguments.count;) {
    gateway::v1::NextRecordingRequest request;
    request.set_fresh(std::exchange(first, false));
    request.mutable_wait()->set_seconds(
        arguments.give_up_s > 0 ? std::min<std::int64_t>(kWaitSeconds, arguments.give_up_s) : kWaitSeconds);
    ASSIGN_OR_RETURN(const auto reply,
                     Call(gateway.recorder(), &Recorder::Stub::NextRecording, request, kLongCallTimeout));
    if (reply.has_recording()) {
      ASSIGN_OR_RETURN(const auto directory, Keep(reply.recording(), arguments));
      Print(directory.string() + "\n");
      ++kept;
    } else if (arguments.give_up_s > 0 && std::chrono::steady_clock::now() >= give_up_at) {
      return Error(ErrorCode::kDeadlineExceeded, "no call came");
    }
  }
  return {};
}

}  // namespace

void AddRecordCommands(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<RecordArguments>();
  auto* record = app.add_subcommand("record", "Write down the next calls of clients, redacted; see docs/record.md");
  record->add_option("-n,--count", arguments->count, "How many calls")->check(CLI::Range(1, 1000));
  record->add_option("-o,--output", arguments->directory, "Where the folders are made");
  record->add_flag("--keep-text", arguments->keep_text, "Leave texts readable; keys, tokens and names still go");
  record->add_option("--give-up", arguments->give_up_s, "Seconds to wait for calls; without it, for ever")
      ->check(CLI::Range(1, 86400));
  context.On(*record, [&context, arguments] { return Record(context, *arguments); });
}

}  // namespace patchbay::cli
