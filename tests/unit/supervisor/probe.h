// Where the probe child is: beside the test binary.
#pragma once

#include <filesystem>

namespace patchbay::supervisor {

inline std::filesystem::path ProbePath() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "supervisor_probe_child";
}

}  // namespace patchbay::supervisor
