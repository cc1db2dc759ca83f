#include "cli/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "lib/base/descriptor.h"

namespace patchbay::cli {
namespace {

Error Failed(const std::string& what, const std::filesystem::path& file) {
  return Error(ErrorCode::kFailedPrecondition, "cannot " + what + " " + file.string() + ": " + std::strerror(errno));
}

Result<void> WriteAll(int fd, const std::string& text, const std::filesystem::path& file) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t wrote = ::write(fd, text.data() + at, text.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Failed("write", file);
    at += static_cast<std::size_t>(wrote);
  }
  if (::fsync(fd) != 0) return Failed("write", file);
  return {};
}

}  // namespace

Result<std::string> ReadWhole(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream.is_open()) return Failed("read", file);
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

Result<void> ReplaceFile(const std::filesystem::path& file, const std::string& text) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(file, error);
  struct stat facts {};
  if (error || ::stat(real.c_str(), &facts) != 0) return Failed("find", file);
  const std::string fresh = real.string() + ".new-" + std::to_string(::getpid());
  const Descriptor fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return Failed("write beside", real);
  // The file may name secrets: nobody is to read it who could not before.
  Result<void> done = WriteAll(fd.get(), text, real);
  if (done.ok() && ::fchown(fd.get(), facts.st_uid, facts.st_gid) != 0) done = Failed("keep the owner of", real);
  if (done.ok() && ::fchmod(fd.get(), facts.st_mode & 07777) != 0) done = Failed("keep the mode of", real);
  if (done.ok() && ::rename(fresh.c_str(), real.c_str()) != 0) done = Failed("replace", real);
  if (!done.ok()) ::unlink(fresh.c_str());
  return done;
}

Result<FileChange> FileChange::Make(std::filesystem::path file, std::string before, std::string after) {
  if (before != after) RETURN_IF_ERROR(ReplaceFile(file, after));
  return FileChange(std::move(file), std::move(before), std::move(after));
}

Result<void> FileChange::TakeBack() const {
  if (before_ == after_) return {};
  ASSIGN_OR_RETURN(const std::string now, ReadWhole(file_));
  if (now != after_) {
    return Error(ErrorCode::kFailedPrecondition, file_.string() + " was changed by somebody else meanwhile");
  }
  return ReplaceFile(file_, before_);
}

}  // namespace patchbay::cli
