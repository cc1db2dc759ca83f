// A file of the operator's, replaced as a whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "lib/base/result.h"

namespace patchbay::cli {

Result<std::string> ReadWhole(const std::filesystem::path& file);
// With the owner and the mode that it has. Where `file` is a link, what it leads to.
Result<void> ReplaceFile(const std::filesystem::path& file, const std::string& text);

// A change of such a file that can be taken back.
class FileChange {
 public:
  // Writes `after` into `file`, which says `before`.
  static Result<FileChange> Make(std::filesystem::path file, std::string before, std::string after);
  // `before` again. kFailedPrecondition when the file says something else than `after`: that is somebody else's.
  Result<void> TakeBack() const;
  const std::filesystem::path& file() const { return file_; }

 private:
  FileChange(std::filesystem::path file, std::string before, std::string after)
      : file_(std::move(file)), before_(std::move(before)), after_(std::move(after)) {}

  std::filesystem::path file_;
  std::string before_, after_;
};

}  // namespace patchbay::cli
