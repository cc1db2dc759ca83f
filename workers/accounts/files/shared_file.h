// A file that another program reads and writes too: read whole, replaced whole, and held by one of us at a time.
// Blocking.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "lib/base/descriptor.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::accounts {

// Tells whether a file is the one that was seen before, without reading it.
struct FileStamp {
  std::uint64_t device = 0, inode = 0;
  std::int64_t size = 0, changed_ns = 0, written_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct FileContent {
  FileStamp stamp;
  Secret text;
};

// Given back by its destructor. Others of our kind wait for it; programs that know nothing of it do not, so what is
// read under it is compared again before it is replaced.
class FileLock {
 public:
  explicit FileLock(Descriptor directory) : directory_(std::move(directory)) {}

 private:
  Descriptor directory_;
};

inline constexpr std::size_t kSharedFileBytesMax = 1024 * 1024;

// Of all of these kNotFound: there is no such file; kPermissionDenied: this user may not; kUnavailable: not now.
Result<FileStamp> LookAtFile(const std::filesystem::path& path);
// kInvalidArgument: no regular file, or too large.
Result<FileContent> ReadSharedFile(const std::filesystem::path& path);
// Without waiting. kUnavailable: another has it.
Result<FileLock> LockSharedFile(const std::filesystem::path& path);
// Whoever reads sees the old text or the new one, of the same owner, group and mode. Where this user may not make such
// a file beside it (the directory, or the owner, is another's), the text is written into it, as the Codex CLI does
// itself (codex-wire §15). Durable when it returns.
Result<void> ReplaceSharedFile(const std::filesystem::path& path, const Secret& text);
// Whether that would work, without doing it.
Result<void> MayReplaceSharedFile(const std::filesystem::path& path);

}  // namespace patchbay::accounts
