#include "supervisor/audit/trail.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace patchbay::supervisor {
namespace {

Error FileError(const std::filesystem::path& path, const char* what) {
  return Error(ErrorCode::kUnavailable,
               std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(errno));
}

void ReadRecords(const std::filesystem::path& path, std::vector<admin::v1::AuditRecord>& records) {
  std::ifstream file(path);
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // of another version
  for (std::string line; std::getline(file, line);) {
    admin::v1::AuditRecord record;
    if (google::protobuf::util::JsonStringToMessage(line, &record, options).ok()) records.push_back(std::move(record));
  }
}

}  // namespace

Result<std::unique_ptr<AuditTrail>> AuditTrail::Open(const std::filesystem::path& directory,
                                                     std::uintmax_t file_bytes) {
  auto trail =
      std::unique_ptr<AuditTrail>(new AuditTrail(directory / "audit.jsonl", directory / "audit.1.jsonl", file_bytes));
  RETURN_IF_ERROR(trail->OpenFile());
  return trail;
}

Result<void> AuditTrail::OpenFile() {
  file_ = Descriptor(open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  struct stat status {};
  if (!file_.valid() || fstat(file_.get(), &status) != 0) return FileError(path_, "open");
  size_ = static_cast<std::uintmax_t>(status.st_size);
  char last = '\n';
  if (size_ > 0 && pread(file_.get(), &last, 1, status.st_size - 1) != 1) return FileError(path_, "read");
  if (last != '\n' && write(file_.get(), "\n", 1) != 1) return FileError(path_, "write");
  return {};
}

Result<void> AuditTrail::Append(const admin::v1::AuditRecord& record) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  if (!google::protobuf::util::MessageToJsonString(record, &line, options).ok()) {
    return Error(ErrorCode::kInternal, "a record cannot be written as JSON");
  }
  line += '\n';
  if (size_ > 0 && size_ + line.size() > file_bytes_) {
    if (rename(path_.c_str(), before_.c_str()) != 0) return FileError(path_, "put aside");
    RETURN_IF_ERROR(OpenFile());
  }
  if (write(file_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return FileError(path_, "write");
  }
  size_ += line.size();
  if (fdatasync(file_.get()) != 0) return FileError(path_, "sync");
  return {};
}

Result<std::vector<admin::v1::AuditRecord>> AuditTrail::Last(std::size_t count) const {
  std::vector<admin::v1::AuditRecord> records;
  ReadRecords(before_, records);
  ReadRecords(path_, records);
  if (records.size() > count) records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(count));
  return records;
}

}  // namespace patchbay::supervisor
