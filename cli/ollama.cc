// patchbay ollama status|enable|disable: the bridge for Ollama clients.

#include <nlohmann/json.hpp>
#include <thread>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/human.h"
#include "cli/replace_file.h"
#include "lib/config/edit.h"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWorker = "ollama";
constexpr const char* kSetting = "ollama.enabled";
// A bridge that does not come up is failed by then, or on the way to it; one that ends has its clients' streams to end.
constexpr std::chrono::seconds kSwitchPatience{10};
constexpr std::chrono::milliseconds kLookPause{100};

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

Result<BridgeState> AskState(Gateway& gateway) {
  ASSIGN_OR_RETURN(const auto status, Call(gateway.admin(), &admin::v1::Admin::Stub::GetStatus, {}));
  return StateOf(status);
}

void PrintBridge(const Context& context, const BridgeState& bridge) {
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
}

Result<void> ShowBridge(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const BridgeState bridge, AskState(gateway));
  PrintBridge(context, bridge);
  return {};
}

// Into the file that the running gateway has read: there people look for it, and it survives a restart.
Result<void> WriteSetting(const std::string& file, const std::string& value) {
  const std::string by_hand = "set " + std::string(kSetting) + ": " + value + " by hand, and `patchbay reload`";
  if (!std::filesystem::path(file).is_absolute()) {
    return Error(ErrorCode::kFailedPrecondition, "the gateway runs with " + Printable(file) +
                                                     " and no configuration file that this command could find; " +
                                                     "give it one (docs/configuration.md), then " + by_hand);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
  const auto edited = config::WithSetting(text, kSetting, value);
  if (!edited) {
    return Error(ErrorCode::kFailedPrecondition,
                 file + " has mistakes (`patchbay config check`), or cannot be changed in this one place: " + by_hand);
  }
  if (*edited == text) return {};
  return ReplaceFile(file, *edited);
}

Result<void> SwitchBridge(const Context& context, bool on) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto house, Call(gateway.admin(), &admin::v1::Admin::Stub::GetStatus, {}));
  RETURN_IF_ERROR(WriteSetting(house.config_file(), on ? "true" : "false"));
  ASSIGN_OR_RETURN(const auto reload, Call(gateway.admin(), &admin::v1::Admin::Stub::Reload, {}, kLongCallTimeout));
  if (reload.refused()) {
    return Error(ErrorCode::kFailedPrecondition,
                 "a worker refuses what the file says now, and nothing is in force; `patchbay reload` shows which");
  }
  const auto give_up_at = std::chrono::steady_clock::now() + kSwitchPatience;
  BridgeState bridge;
  for (;;) {
    ASSIGN_OR_RETURN(bridge, AskState(gateway));
    const bool there = on ? bridge.state == "ready" : !bridge.enabled;
    if (there || std::chrono::steady_clock::now() > give_up_at) break;
    std::this_thread::sleep_for(kLookPause);
  }
  PrintBridge(context, bridge);
  const bool leaving = bridge.state == "draining";  // it is off, and ends its clients' streams
  if (on != bridge.enabled && !leaving) {
    return Error(ErrorCode::kFailedPrecondition,
                 "the file says so now; a variable of patchbayd's environment says otherwise (OLLAMA_BRIDGE_ENABLED)");
  }
  if (on && bridge.state != "ready") return Error(ErrorCode::kUnavailable, "it is on, and does not serve");
  return {};
}

}  // namespace

void AddOllamaCommands(CLI::App& app, Context& context) {
  auto* ollama = app.add_subcommand("ollama", "The bridge for Ollama clients");
  ollama->require_subcommand(1);
  auto* status = ollama->add_subcommand("status", "Whether it serves, and at which address");
  context.On(*status, [&context] { return ShowBridge(context); });
  auto* enable = ollama->add_subcommand("enable", "Switch it on, now and in the configuration file");
  context.On(*enable, [&context] { return SwitchBridge(context, true); });
  auto* disable = ollama->add_subcommand("disable", "Switch it off, now and in the configuration file");
  context.On(*disable, [&context] { return SwitchBridge(context, false); });
}

}  // namespace patchbay::cli
