#include "supervisor/system/directories.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace patchbay::supervisor {
namespace {

constexpr char kLockFile[] = "patchbayd.lock";

// systemd may give several directories, separated by colons; the first is ours.
std::string FirstOf(const std::map<std::string, std::string>& environment, const char* name) {
  const auto found = environment.find(name);
  if (found == environment.end()) return {};
  return found->second.substr(0, found->second.find(':'));
}

Result<void> Prepare(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) {
    std::filesystem::create_directories(directory.parent_path(), error);
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
      return Error(ErrorCode::kFailedPrecondition,
                   "cannot make the directory " + directory.string() + ": " + std::strerror(errno));
    }
  }
  struct stat facts {};
  if (lstat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return Error(ErrorCode::kFailedPrecondition, directory.string() + " is not a directory");
  }
  if (facts.st_uid != geteuid()) {
    return Error(ErrorCode::kFailedPrecondition, directory.string() + " belongs to another user");
  }
  // Where others may write, they may have left files and links that we would trust: a human has to look.
  if ((facts.st_mode & 0022) != 0) {
    return Error(ErrorCode::kFailedPrecondition, "others may write into the directory " + directory.string() +
                                                     "; look at what is in it, then chmod 700 it");
  }
  // One of ours that others may only enter or read is closed rather than refused.
  if ((facts.st_mode & 0077) != 0 && chmod(directory.c_str(), 0700) != 0) {
    return Error(ErrorCode::kFailedPrecondition,
                 "others may enter " + directory.string() + ", and it cannot be closed");
  }
  return {};
}

}  // namespace

Result<Directories> ChooseDirectories(const DirectoryOptions& options,
                                      const std::map<std::string, std::string>& environment, unsigned user_id) {
  Directories chosen;
  const std::string home = FirstOf(environment, "HOME");
  if (options.state_dir) {
    chosen.state = *options.state_dir;
  } else if (const std::string ours = FirstOf(environment, "PATCHBAY_STATE_DIR"); !ours.empty()) {
    chosen.state = ours;
  } else if (const std::string systemd = FirstOf(environment, "STATE_DIRECTORY"); !systemd.empty()) {
    chosen.state = systemd;
  } else if (!home.empty()) {
    chosen.state = std::filesystem::path(home) / ".local" / "state" / "patchbay";
  } else {
    return Error(ErrorCode::kInvalidArgument,
                 "no place for state: give --state-dir, or set PATCHBAY_STATE_DIR or HOME");
  }

  if (options.runtime_dir) {
    chosen.runtime = *options.runtime_dir;
  } else if (const std::string ours = FirstOf(environment, "PATCHBAY_RUNTIME_DIR"); !ours.empty()) {
    chosen.runtime = ours;
  } else if (const std::string systemd = FirstOf(environment, "RUNTIME_DIRECTORY"); !systemd.empty()) {
    chosen.runtime = systemd;
  } else if (const std::string xdg = FirstOf(environment, "XDG_RUNTIME_DIR"); !xdg.empty()) {
    chosen.runtime = std::filesystem::path(xdg) / "patchbay";
  } else {
    chosen.runtime = "/tmp/patchbay-" + std::to_string(user_id);
  }

  for (std::filesystem::path* directory : {&chosen.state, &chosen.runtime}) {
    if (directory->empty()) return Error(ErrorCode::kInvalidArgument, "a directory's name is empty");
    *directory = std::filesystem::absolute(*directory).lexically_normal();
    if (!directory->has_filename()) *directory = directory->parent_path();  // a trailing slash
  }
  return chosen;
}

Result<void> PrepareDirectories(const Directories& directories) {
  RETURN_IF_ERROR(Prepare(directories.state));
  return Prepare(directories.runtime);
}

Result<DirectoryLock> DirectoryLock::Take(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kLockFile;
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) {
    return Error(ErrorCode::kFailedPrecondition, "cannot open " + path.string() + ": " + std::strerror(errno));
  }
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error(ErrorCode::kUnavailable, "another patchbayd is running with " + directory.string());
  }
  return DirectoryLock(std::move(file));
}

}  // namespace patchbay::supervisor
