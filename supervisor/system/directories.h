// Where patchbayd keeps its state and its sockets, and the proof that nobody else uses the same places.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "lib/base/descriptor.h"
#include "lib/base/result.h"

namespace patchbay::supervisor {

struct DirectoryOptions {
  std::optional<std::filesystem::path> state_dir;    // --state-dir
  std::optional<std::filesystem::path> runtime_dir;  // --runtime-dir
};

struct Directories {
  std::filesystem::path state;
  std::filesystem::path runtime;
};

// Flags, then PATCHBAY_STATE_DIR and PATCHBAY_RUNTIME_DIR, then systemd's variables, then the user's own places. Pure.
Result<Directories> ChooseDirectories(const DirectoryOptions& options,
                                      const std::map<std::string, std::string>& environment, unsigned user_id);

// Makes both, 0700 and ours. kFailedPrecondition when one belongs to somebody else or others may write into it.
Result<void> PrepareDirectories(const Directories& directories);

// Held for as long as patchbayd lives; the kernel lets go when it dies. kUnavailable: another one is alive.
class DirectoryLock {
 public:
  static Result<DirectoryLock> Take(const std::filesystem::path& directory);

 private:
  explicit DirectoryLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace patchbay::supervisor
