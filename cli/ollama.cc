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
Result<FileChange> WriteSetting(const std::string& file, const std::string& value) {
  const std::string by_hand = "set " + std::string(kSetting) + ": " + value + " by hand, and `patchbay reload`";
  if (!std::filesystem::path(file).is_absolute()) {
    return Error(ErrorCode::kFailedPrecondition, "the gateway runs with " + Printable(file) +
                                                     " and no configuration file that this command could find; " +
                                                     "give it one (patchbay.example.yaml has every setting), then " +
                                                     by_hand);
  }
  ASSIGN_OR_RETURN(std::string text, ReadWhole(file));
  auto edited = config::WithSetting(text, kSetting, value);
  if (!edited) {
    return Error(ErrorCode::kFailedPrecondition,
                 file + " has mistakes (`patchbay config check`), or cannot be changed in this one place: " + by_hand);
  }
  return FileChange::Make(file, std::move(text), std::move(*edited));
}

// Puts the file back: at its next start the gateway would trip over what it refuses now.
Error Refused(const FileChange& change, std::string why) {
  const Result<void> back = change.TakeBack();
  const std::string file = Printable(change.file().string());
  why += back.ok() ? "; " + file + " is as it was before, and nothing of it is in force"
                   : "; nothing of it is in force, and " + file + " keeps it: " + back.error().message;
  return Error(ErrorCode::kFailedPrecondition, std::move(why));
}

std::string WordsOf(const admin::v1::ReloadReply& reload) {
  std::string words;
  for (const auto& worker : reload.workers()) {
    if (worker.outcome() != admin::v1::RELOAD_OUTCOME_REFUSED) continue;
    words += (words.empty() ? "" : "; ") + Printable(worker.worker()) +
             " refuses what the file would say: " + Printable(worker.words());
  }
  return words;
}

// The gateway reads what was changed. A refusal takes the change back; where no answer came, nobody knows whether it is
// in force.
Result<void> ReloadOrTakeBack(Gateway& gateway, const FileChange& change) {
  const auto reload = Call(gateway.admin(), &admin::v1::Admin::Stub::Reload, {}, kLongCallTimeout);
  if (reload.ok()) {
    if (reload->refused()) return Refused(change, WordsOf(*reload));
    return {};
  }
  // What the contract says of a file that is invalid.
  const ErrorCode code = reload.error().code;
  const bool invalid = code == ErrorCode::kFailedPrecondition || code == ErrorCode::kInvalidArgument;
  return invalid ? Refused(change, reload.error().message) : reload.error();
}

Result<void> SwitchBridge(const Context& context, bool on) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto house, Call(gateway.admin(), &admin::v1::Admin::Stub::GetStatus, {}));
  ASSIGN_OR_RETURN(const FileChange change, WriteSetting(house.config_file(), on ? "true" : "false"));
  RETURN_IF_ERROR(ReloadOrTakeBack(gateway, change));
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
