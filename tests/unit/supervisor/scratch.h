// A directory that lives as long as the test does. Short, because a Unix socket's path is.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace patchbay::supervisor {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    char name[] = "/tmp/pb-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace patchbay::supervisor
