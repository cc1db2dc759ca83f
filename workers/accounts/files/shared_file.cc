#include "workers/accounts/files/shared_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include "lib/base/on_exit.h"
#include "lib/base/random.h"

namespace patchbay::accounts {
namespace {

constexpr const char* kAccessList = "system.posix_acl_access";
constexpr std::size_t kAccessListBytesMax = 64 * 1024;

Error FromErrno(int code, const std::string& what, const std::filesystem::path& path) {
  const std::string message = what + " " + path.string() + ": " + std::strerror(code);
  switch (code) {
    case ENOENT:
    case ENOTDIR: return Error(ErrorCode::kNotFound, message);
    case EACCES:
    case EPERM:
    case EROFS: return Error(ErrorCode::kPermissionDenied, message);
    default: return Error(ErrorCode::kUnavailable, message);
  }
}

std::int64_t Nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

FileStamp StampOf(const struct stat& facts) {
  return {facts.st_dev, facts.st_ino, facts.st_size, Nanoseconds(facts.st_ctim), Nanoseconds(facts.st_mtim)};
}

// The file itself, where the path is a link to it: a link is kept, and what it leads to is replaced.
Result<std::filesystem::path> Real(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return FromErrno(error.value(), "cannot find", path);
  return real;
}

// Nothing where it has none, or its file system knows none.
std::optional<std::vector<char>> AccessListOf(int fd) {
  std::vector<char> list(kAccessListBytesMax);
  const ssize_t size = fgetxattr(fd, kAccessList, list.data(), list.size());
  if (size <= 0) return std::nullopt;
  list.resize(static_cast<std::size_t>(size));
  return list;
}

bool WriteAll(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = pwrite(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

// False: this user may not make such a file there, and nothing was changed.
Result<bool> ReplaceByAnother(const std::filesystem::path& path, int old, const struct stat& facts,
                              const Secret& text) {
  const std::filesystem::path fresh = path.parent_path() / ("." + path.filename().string() + RandomId(".", 60));
  const Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) {
    if (errno == EACCES || errno == EPERM || errno == EROFS) return false;
    return FromErrno(errno, "cannot write beside", path);
  }
  const OnExit remove([&] { unlink(fresh.c_str()); });  // once it is renamed there is nothing of that name
  struct stat made {};
  if (fstat(file.get(), &made) != 0) return FromErrno(errno, "cannot write beside", path);
  if ((made.st_uid != facts.st_uid || made.st_gid != facts.st_gid) &&
      fchown(file.get(), facts.st_uid, facts.st_gid) != 0) {
    return false;
  }
  if (fchmod(file.get(), facts.st_mode & 07777) != 0) return false;
  const auto list = AccessListOf(old);
  if (list && fsetxattr(file.get(), kAccessList, list->data(), list->size(), 0) != 0) return false;
  if (!WriteAll(file.get(), text.Reveal()) || fsync(file.get()) != 0)
    return FromErrno(errno, "cannot write beside", path);
  if (rename(fresh.c_str(), path.c_str()) != 0) return FromErrno(errno, "cannot replace", path);
  const Descriptor directory(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || fsync(directory.get()) != 0) return FromErrno(errno, "cannot write", path.parent_path());
  return true;
}

}  // namespace

Result<FileStamp> LookAtFile(const std::filesystem::path& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return FromErrno(errno, "cannot read", path);
  return StampOf(facts);
}

Result<FileContent> ReadSharedFile(const std::filesystem::path& path) {
  // Not waiting for whoever is on the other side of a pipe.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return FromErrno(errno, "cannot read", path);
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0) return FromErrno(errno, "cannot read", path);
  if (!S_ISREG(facts.st_mode)) return Error(ErrorCode::kInvalidArgument, path.string() + " is no file");
  std::string text(kSharedFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno, "cannot read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kSharedFileBytesMax) return Error(ErrorCode::kInvalidArgument, path.string() + " is too large");
  text.resize(size);
  return FileContent{StampOf(facts), Secret(std::move(text))};
}

Result<FileLock> LockSharedFile(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const std::filesystem::path real, Real(path));
  // Its directory, since the file itself is another one after each replacement.
  Descriptor directory(open(real.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return FromErrno(errno, "cannot open", real.parent_path());
  if (flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return Error(ErrorCode::kUnavailable, "another program holds the lock of " + real.parent_path().string());
    return FromErrno(errno, "cannot lock", real.parent_path());
  }
  return FileLock(std::move(directory));
}

Result<void> ReplaceSharedFile(const std::filesystem::path& path, const Secret& text) {
  ASSIGN_OR_RETURN(const std::filesystem::path real, Real(path));
  const Descriptor old(open(real.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!old.valid()) return FromErrno(errno, "cannot write", real);
  struct stat facts {};
  if (fstat(old.get(), &facts) != 0) return FromErrno(errno, "cannot write", real);
  if (!S_ISREG(facts.st_mode)) return Error(ErrorCode::kInvalidArgument, real.string() + " is no file");
  ASSIGN_OR_RETURN(const bool replaced, ReplaceByAnother(real, old.get(), facts, text));
  if (replaced) return {};
  if (!WriteAll(old.get(), text.Reveal()) || ftruncate(old.get(), static_cast<off_t>(text.Reveal().size())) != 0 ||
      fsync(old.get()) != 0) {
    return FromErrno(errno, "cannot write", real);
  }
  return {};
}

Result<void> MayReplaceSharedFile(const std::filesystem::path& path) {
  const Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return FromErrno(errno, "cannot write", path);
  return {};
}

}  // namespace patchbay::accounts
