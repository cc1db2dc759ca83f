// The gateway's state as a folder of copies, and back. Blocks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::cli {

// What a backup holds, in manifest.json: each file with its size and digest, so that a restore knows it is whole.
struct BackedUp {
  std::vector<std::string> files;
  bool has_seal_key = false;  // else the key comes from systemd's credentials or the environment, and is kept there
};

// Databases are copied while they are in use, each as it is at one moment. `target` must not be there yet; it is made
// for its owner only, and taken away again when something fails.
Result<BackedUp> BackUp(const std::filesystem::path& state_dir, const std::filesystem::path& target);

struct Restored {
  std::vector<std::string> files;
  std::filesystem::path before;  // where the state that was there has gone; empty when there was none
};

// Everything is checked before anything is touched. Nobody may use `state_dir` meanwhile: the caller holds its lock.
// The files belong to the owner of `state_dir`. kFailedPrecondition for what is no whole backup.
Result<Restored> Restore(const std::filesystem::path& source, const std::filesystem::path& state_dir);

}  // namespace patchbay::cli
