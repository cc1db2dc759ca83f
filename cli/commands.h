// One function per command group; each adds its commands to the application.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace patchbay::cli {

void AddStatusCommands(CLI::App& app, Context& context);         // status, version
void AddWorkerCommands(CLI::App& app, Context& context);         // workers, reload
void AddLogCommands(CLI::App& app, Context& context);            // logs, log-level
void AddEventCommands(CLI::App& app, Context& context);          // events, notifications, audit
void AddTraceCommands(CLI::App& app, Context& context);          // trace
void AddConfigCommands(CLI::App& app, Context& context);         // config
void AddAccountCommands(CLI::App& app, Context& context);        // accounts
void AddAccountImportCommands(CLI::App& app, Context& context);  // accounts add, import
void AddAccountQuotaCommands(CLI::App& app, Context& context);   // accounts quota, history, credits, redeem
void AddLoginCommands(CLI::App& app, Context& context);          // login, logout
void AddKeyCommands(CLI::App& app, Context& context);            // keys
void AddProviderCommands(CLI::App& app, Context& context);       // providers
void AddModelCommands(CLI::App& app, Context& context);          // models
void AddOllamaCommands(CLI::App& app, Context& context);         // ollama
void AddRecordCommands(CLI::App& app, Context& context);         // record
void AddUsageCommands(CLI::App& app, Context& context);          // usage
void AddBackupCommands(CLI::App& app, Context& context);         // backup, restore
void AddGatewayCommands(CLI::App& app, Context& context);        // gateway
void AddVerdictCommands(CLI::App& app, Context& context);        // verdict

}  // namespace patchbay::cli
