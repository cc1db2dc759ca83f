// patchbay ollama status: the bridge for Ollama clients.

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/human.h"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWorker = "ollama";

struct BridgeState {
  bool enabled = false;   // there is such a worker
  std::string state;      // "ready", "failed"
  std::string last_exit;  // of its process before, or why there is none
  std::string address;
};

BridgeState StateOf(const admin::v1::GetStatusReply& status) {
  BridgeState bridge;
  for (const auto& worker : status.workers()) {
    if (worker.name() != kWorker) continue;
    bridge.enabled = true;
    bridge.state = HumanEnum(admin::v1::WorkerState_Name(worker.state()), "WORKER_STATE_");
    bridge.last_exit = worker.last_exit();
  }
  for (const auto& listener : status.listeners()) {
    if (listener.name() == kWorker) bridge.address = listener.address();
  }
  return bridge;
}

Result<void> ShowBridge(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto status, Call(gateway.admin(), &admin::v1::Admin::Stub::GetStatus, {}));
  const BridgeState bridge = StateOf(status);
  if (context.json) {
    const Json answer = {{"enabled", bridge.enabled},
                         {"state", bridge.state},
                         {"last_exit", bridge.last_exit},
                         {"address", bridge.address}};
    Print(answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (!bridge.enabled) {
    Print("The bridge for Ollama clients is off (ollama.enabled).\n");
  } else {
    Print("Ollama clients: http://" + Printable(bridge.address) + "  " + Printable(bridge.state) +
          (bridge.last_exit.empty() ? "" : ", last exit: " + Printable(bridge.last_exit)) + "\n");
  }
  return {};
}

}  // namespace

void AddOllamaCommands(CLI::App& app, Context& context) {
  auto* ollama = app.add_subcommand("ollama", "The bridge for Ollama clients");
  ollama->require_subcommand(1);
  auto* status = ollama->add_subcommand("status", "Whether it serves, and at which address");
  context.On(*status, [&context] { return ShowBridge(context); });
}

}  // namespace patchbay::cli
