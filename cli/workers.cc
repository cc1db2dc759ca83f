// patchbay workers list|restart|drain, patchbay reload.

#include <charconv>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "cli/worker_table.h"

namespace patchbay::cli {
namespace {

using admin::v1::Admin;

// The gateway is told the deadline and answers by itself; ours is a little later, to hear that answer.
constexpr std::chrono::seconds kSlack{5};

struct Target {
  std::string worker;
  int timeout_seconds = 60;
};

Result<void> ListWorkers(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.admin(), &Admin::Stub::ListWorkers, {}));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print(WorkerTable(reply.workers(), Now()).Render(context.colour));
  }
  return {};
}

template <class Request, class Reply>
Result<void> Act(const Context& context, const Target& target, const char* done,
                 grpc::Status (Admin::Stub::*method)(grpc::ClientContext*, const Request&, Reply*)) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  Request request;
  request.set_worker(target.worker);
  request.mutable_timeout()->set_seconds(target.timeout_seconds);
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.admin(), method, request, std::chrono::seconds{target.timeout_seconds} + kSlack));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  const auto& worker = reply.worker();
  std::string line = Printable(worker.name()) + " " + done;
  if (worker.pid() > 0)
    line += ": generation " + std::to_string(worker.generation()) + ", pid " + std::to_string(worker.pid());
  Print(line + "\n");
  return {};
}

struct OutcomeText {
  const char* words;
  Colour colour;
};

OutcomeText TextOf(admin::v1::ReloadOutcome outcome) {
  switch (outcome) {
    case admin::v1::RELOAD_OUTCOME_APPLIED: return {"applied", Colour::kGood};
    case admin::v1::RELOAD_OUTCOME_REFUSED: return {"refused", Colour::kBad};
    case admin::v1::RELOAD_OUTCOME_NEEDS_RESTART: return {"needs restart", Colour::kWarn};
    case admin::v1::RELOAD_OUTCOME_NO_ANSWER: return {"no answer", Colour::kBad};
    default: return {"unknown", Colour::kDim};
  }
}

void ShowReload(const admin::v1::ReloadReply& reply, bool colour) {
  std::string out = "revision " + std::to_string(reply.revision()) + "\n";
  if (!reply.refused() && reply.applied().empty() && reply.needs_restart().empty()) out += "nothing changed\n";
  for (const auto& path : reply.applied())
    out += Paint(colour, Colour::kGood, "applied") + "        " + Printable(path) + "\n";
  for (const auto& path : reply.needs_restart()) {
    out += Paint(colour, Colour::kWarn, "needs restart") + "  " + Printable(path) + "\n";
  }
  Table workers({"WORKER", "OUTCOME", ""});
  for (const auto& worker : reply.workers()) {
    const OutcomeText text = TextOf(worker.outcome());
    workers.Add({worker.worker(), {text.words, text.colour}, worker.words()});
  }
  if (!workers.empty()) out += "\n" + workers.Render(colour);
  Print(out);
}

// The reply has everything; the error is for the exit code and for who reads only the last line.
Result<void> JudgeReload(const admin::v1::ReloadReply& reply) {
  if (reply.refused()) {
    return Error(ErrorCode::kFailedPrecondition,
                 "a worker refuses this configuration; the one before is in force again");
  }
  for (const auto& worker : reply.workers()) {
    if (worker.outcome() == admin::v1::RELOAD_OUTCOME_NO_ANSWER) {
      return Error(ErrorCode::kDeadlineExceeded, "not every worker has answered; `patchbay reload` asks again");
    }
  }
  return {};
}

Result<void> Reload(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.admin(), &Admin::Stub::Reload, {}, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
  } else {
    ShowReload(reply, context.colour);
  }
  return JudgeReload(reply);
}

void AddTarget(CLI::App& command, Target& target, const char* timeout_help) {
  command.add_option("worker", target.worker, "The worker's name, as `patchbay workers list` shows it")->required();
  command.add_option("--timeout", target.timeout_seconds, timeout_help)
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
}

}  // namespace

void AddWorkerCommands(CLI::App& app, Context& context) {
  auto* workers = app.add_subcommand("workers", "List, restart or drain workers");
  workers->require_subcommand(1);
  auto* list = workers->add_subcommand("list", "Every worker, its state and what it costs");
  context.On(*list, [&context] { return ListWorkers(context); });

  auto target = std::make_shared<Target>();
  auto* restart = workers->add_subcommand(
      "restart", "Start a new generation, then drain the old one: nothing is refused meanwhile");
  AddTarget(*restart, *target, "Seconds to wait for the new generation to be ready");
  context.On(*restart, [&context, target] { return Act(context, *target, "restarted", &Admin::Stub::RestartWorker); });

  auto* drain = workers->add_subcommand("drain", "Finish what is in flight and stay down until `workers restart`");
  AddTarget(*drain, *target, "Seconds to wait for the worker to exit");
  context.On(*drain, [&context, target] { return Act(context, *target, "drained", &Admin::Stub::DrainWorker); });

  auto* reload = app.add_subcommand("reload", "Read the configuration again and apply what can be applied live");
  context.On(*reload, [&context] { return Reload(context); });
}

}  // namespace patchbay::cli
