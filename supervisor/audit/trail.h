// Who changed what: a file of records, one JSON object on a line, that only grows until its bound. What was appended is
// on the disk. Single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "lib/base/descriptor.h"
#include "lib/base/result.h"
#include "patchbay/admin/v1/admin.pb.h"

namespace patchbay::supervisor {

class AuditTrail {
 public:
  // Of each of the two files: the one that is written and the one before it.
  static constexpr std::uintmax_t kFileBytes = 4 * 1024 * 1024;

  // In `directory`: audit.jsonl, and audit.1.jsonl. A line that a crash has cut is closed.
  static Result<std::unique_ptr<AuditTrail>> Open(const std::filesystem::path& directory,
                                                  std::uintmax_t file_bytes = kFileBytes);

  Result<void> Append(const admin::v1::AuditRecord& record);
  // The last `count`, the oldest first. Lines that are none are passed over.
  Result<std::vector<admin::v1::AuditRecord>> Last(std::size_t count) const;

 private:
  AuditTrail(std::filesystem::path path, std::filesystem::path before, std::uintmax_t file_bytes)
      : path_(std::move(path)), before_(std::move(before)), file_bytes_(file_bytes) {}
  Result<void> OpenFile();

  std::filesystem::path path_, before_;
  std::uintmax_t file_bytes_;
  Descriptor file_;
  std::uintmax_t size_ = 0;
};

}  // namespace patchbay::supervisor
