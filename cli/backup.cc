// patchbay backup, patchbay restore: the gateway's state, copied while it runs, and put back while it does not.

#include <unistd.h>

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/state_copy.h"
#include "lib/config/loader.h"
#include "supervisor/system/directories.h"

namespace patchbay::cli {
namespace {

struct BackupArguments {
  std::string folder;
  std::string state_dir;
};

// As patchbayd chooses it.
Result<std::filesystem::path> StateDirectory(const BackupArguments& arguments) {
  supervisor::DirectoryOptions options;
  if (!arguments.state_dir.empty()) options.state_dir = arguments.state_dir;
  ASSIGN_OR_RETURN(const auto directories,
                   supervisor::ChooseDirectories(options, config::ProcessEnvironment(), ::getuid()));
  return directories.state;
}

Result<void> MakeBackup(const BackupArguments& arguments) {
  ASSIGN_OR_RETURN(const auto state_dir, StateDirectory(arguments));
  ASSIGN_OR_RETURN(const BackedUp backed_up, BackUp(state_dir, arguments.folder));
  std::string text = "backed up " + std::to_string(backed_up.files.size()) + " files of " +
                     Printable(state_dir.string()) + " into " + Printable(arguments.folder) + "\n";
  text +=
      backed_up.has_seal_key
          ? "It holds seal.key, which opens the accounts' secrets: keep it as you would keep them.\n"
          : "The key that opens its secrets is not in it (systemd's credential seal.key, or PATCHBAY_SEAL_KEY): keep "
            "that too.\n";
  Print(text);
  return {};
}

Result<void> RestoreBackup(const BackupArguments& arguments) {
  ASSIGN_OR_RETURN(const auto state_dir, StateDirectory(arguments));
  RETURN_IF_ERROR(supervisor::PrepareDirectories({state_dir, state_dir}));
  const auto lock = supervisor::DirectoryLock::Take(state_dir);
  if (!lock.ok()) return Error(lock.error().code, lock.error().message + ": stop it first");
  ASSIGN_OR_RETURN(const Restored restored, Restore(arguments.folder, state_dir));
  std::string text =
      "restored " + std::to_string(restored.files.size()) + " files into " + Printable(state_dir.string()) + "\n";
  if (!restored.before.empty()) text += "what was there is in " + Printable(restored.before.string()) + "\n";
  Print(text);
  return {};
}

}  // namespace

void AddBackupCommands(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<BackupArguments>();
  const auto command = [&](const char* name, const char* help, const char* folder) {
    auto* added = app.add_subcommand(name, help);
    added->add_option("folder", arguments->folder, folder)->required();
    added->add_option("--state-dir", arguments->state_dir,
                      "Where the state is; else it is found as patchbayd finds it");
    return added;
  };
  context.On(*command("backup", "Copy accounts, keys and usage into a folder; the gateway may run",
                      "The folder, which must not be there yet"),
             [arguments] { return MakeBackup(*arguments); });
  context.On(*command("restore", "Put the state of a backup back; the gateway must not run", "The backup's folder"),
             [arguments] { return RestoreBackup(*arguments); });
}

}  // namespace patchbay::cli
