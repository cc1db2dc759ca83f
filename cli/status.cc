// patchbay status, patchbay version.

#include <algorithm>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/worker_table.h"
#include "lib/base/version.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using admin::v1::Admin;
using admin::v1::GetStatusReply;

std::string AccountsLine(const GetStatusReply& status, bool colour) {
  if (status.accounts_by_state().empty()) return "none, or not known while accounts is down";
  // A map keeps no order; readers want the same one every time.
  std::vector<std::pair<std::string, int>> states(status.accounts_by_state().begin(), status.accounts_by_state().end());
  std::sort(states.begin(), states.end());
  std::string line;
  for (const auto& [state, count] : states) {
    const auto name = HumanEnum(state, "ACCOUNT_STATE_");
    const auto shade = name == "active"                        ? Colour::kGood
                       : name == "banned" || name == "expired" ? Colour::kBad
                                                               : Colour::kWarn;
    line += (line.empty() ? "" : ", ") + Paint(colour, shade, std::to_string(count) + " " + Printable(name));
  }
  return line;
}

// "openai gpt-5.5: paused, next try in 2 s (503 overloaded; the last 5 conversations, of 2 keys, failed)"
std::string PausedLine(const accounts::v1::PausedWay& way, bool colour) {
  const auto to = way.provider() + (way.egress().empty() ? "" : " by " + way.egress()) +
                  (way.wire_model().empty() ? "" : " " + way.wire_model());
  return Printable(to) + ": " + Paint(colour, Colour::kBad, "paused") + ", next try " +
         HumanTime(way.next_try_at(), Now()) + " (" + Printable(way.evidence()) + "; the last " +
         std::to_string(way.conversations()) + " conversations, of " + std::to_string(way.client_keys()) +
         (way.client_keys() == 1 ? " key" : " keys") + ", failed)";
}

void ShowStatus(const GetStatusReply& status, const Context& context) {
  const auto up = Now() - ToWallTime(status.started_at());
  const auto ready = status.ready() ? Paint(context.colour, Colour::kGood, "ready")
                                    : Paint(context.colour, Colour::kWarn, "not ready");
  std::string out = "patchbay " + Printable(status.version()) + "  " + ready + "  pid " + std::to_string(status.pid()) +
                    "  up " + HumanDuration(up) + "\n\n";
  Table listeners({"LISTENER", "ADDRESS", "PROTOCOL", "WORKER"});
  for (const auto& listener : status.listeners())
    listeners.Add({listener.name(), listener.address(), listener.protocol(), listener.worker()});
  if (!listeners.empty()) out += listeners.Render(context.colour) + "\n";
  out += WorkerTable(status.workers(), Now()).Render(context.colour) + "\n";
  out += "accounts  " + AccountsLine(status, context.colour) + "\n";
  for (const auto& way : status.paused_ways()) out += "provider  " + PausedLine(way, context.colour) + "\n";
  if (!status.usage_problem().empty()) {
    out += "usage     " + Paint(context.colour, Colour::kBad, "cannot be written down") + ": " +
           Printable(status.usage_problem()) + "; " + HumanCount(status.usage_waiting()) + " requests wait\n";
  }
  out +=
      "config    " + Printable(status.config_file()) + " (revision " + std::to_string(status.config_revision()) + ")\n";
  out += "state     " + Printable(status.state_dir()) + "\n";
  if (!status.state_doubt().empty()) {
    out += "          " + Paint(context.colour, Colour::kWarn, Printable(status.state_doubt())) + "\n";
  }
  out += "sockets   " + Printable(status.runtime_dir()) + "\n";
  Print(out);
}

Result<void> Status(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto status, Call(gateway.admin(), &Admin::Stub::GetStatus, {}));
  if (context.json) {
    PrintJson(status);
  } else {
    ShowStatus(status, context);
  }
  return {};
}

// Each change as it happens: one JSON line, or the whole picture again.
Result<void> Watch(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  grpc::ClientContext call;
  const auto stream = gateway.admin().WatchStatus(&call, {});
  for (GetStatusReply status; stream->Read(&status);) {
    if (context.json) {
      Print(ToJson(status, /*compact=*/true));
    } else {
      ShowStatus(status, context);
      Print("\n");
    }
    if (std::fflush(stdout) != 0) return {};  // the reader has gone
  }
  if (const auto status = stream->Finish(); !status.ok()) return FromStatus(status);
  return {};
}

}  // namespace

void AddStatusCommands(CLI::App& app, Context& context) {
  auto* status = app.add_subcommand("status", "Workers, listeners with their real ports, accounts by state");
  auto watch = std::make_shared<bool>(false);
  status->add_flag("-w,--watch", *watch, "Show it again at every change, until interrupted");
  context.On(*status, [&context, watch] { return *watch ? Watch(context) : Status(context); });

  auto* version = app.add_subcommand("version", "The version of this command");
  context.On(*version, [&context]() -> Result<void> {
    Print(context.json ? "{\"version\": \"" + std::string(kVersion) + "\"}\n"
                       : "patchbay " + std::string(kVersion) + "\n");
    return {};
  });
}

}  // namespace patchbay::cli
