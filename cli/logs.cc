// patchbay logs, patchbay log-level.

#include "cli/commands.h"
#include "cli/gateway.h"
#include "lib/log/record_text.h"

namespace patchbay::cli {
namespace {

using admin::v1::Admin;

struct Selection {
  std::string worker;
  int lines = 100;
  bool follow = false;
};

Result<void> Tail(const Context& context, const Selection& selection) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  admin::v1::TailLogsRequest request;
  request.set_worker(selection.worker);
  request.set_lines(selection.lines);
  request.set_follow(selection.follow);
  grpc::ClientContext call;
  if (!selection.follow) call.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  const auto stream = gateway.admin().TailLogs(&call, request);
  std::int64_t dropped = 0;
  for (admin::v1::TailLogsReply reply; stream->Read(&reply);) {
    if (reply.dropped() > dropped) {
      std::fprintf(stderr, "patchbay: %s lines were lost: this reader is too slow\n",
                   HumanCount(reply.dropped() - dropped).c_str());
      dropped = reply.dropped();
    }
    if (reply.line().empty()) continue;
    Print((context.json ? reply.line() : log::RecordText(reply.line(), context.colour)) + "\n");
    if (selection.follow && std::fflush(stdout) != 0) return {};  // the reader has gone
  }
  if (const auto status = stream->Finish(); !status.ok()) return FromStatus(status);
  return {};
}

Result<void> SetLevel(const Context& context, const std::string& level, const std::string& worker) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  admin::v1::SetLogLevelRequest request;
  request.set_level(level);
  request.set_worker(worker);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.admin(), &Admin::Stub::SetLogLevel, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print((worker.empty() ? "every worker" : worker) + " logs at " + level + " until it restarts\n");
  }
  return {};
}

}  // namespace

void AddLogCommands(CLI::App& app, Context& context) {
  auto selection = std::make_shared<Selection>();
  auto* logs = app.add_subcommand("logs", "The last log records of all processes; with --json as they are");
  logs->add_flag("-f,--follow", selection->follow, "Then show records as they come");
  logs->add_option("-w,--worker", selection->worker, "Only this worker's");
  logs->add_option("-n,--lines", selection->lines, "How many of the last records")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  context.On(*logs, [&context, selection] { return Tail(context, *selection); });

  auto level = std::make_shared<std::string>();
  auto* log_level = app.add_subcommand("log-level", "Set how much is logged, until the worker restarts");
  log_level->add_option("level", *level, "trace, debug, info, warn or error")
      ->required()
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
  log_level->add_option("-w,--worker", selection->worker, "Only this worker's");
  context.On(*log_level, [&context, level, selection] { return SetLevel(context, *level, selection->worker); });
}

}  // namespace patchbay::cli
