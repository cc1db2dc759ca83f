#include "cli/state_copy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lib/base/encoding.h"
#include "lib/base/on_exit.h"
#include "lib/base/sha256.h"
#include "lib/sqlite/copy.h"
#include "lib/wire/json_members.h"

namespace patchbay::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kManifest = "manifest.json";
constexpr const char* kSealKey = "seal.key";
constexpr int kForm = 1;

Error CannotBe(const std::string& what, const fs::path& path, const std::error_code& error) {
  return Error(ErrorCode::kFailedPrecondition, "cannot " + what + " " + path.string() + ": " + error.message());
}

bool IsDatabase(const fs::path& path) { return path.extension() == ".db"; }
// What SQLite keeps beside a database, locks, and what a restore has put aside.
bool IsState(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  return entry.is_regular_file() && !name.ends_with("-wal") && !name.ends_with("-shm") && !name.ends_with("-journal") &&
         !name.ends_with(".lock") && !name.starts_with('.');
}

Result<std::string> Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotBe("read", path, {errno, std::generic_category()});
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> CopyFile(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error) return CannotBe("copy", from, error);
  if (::chmod(to.c_str(), 0600) != 0) return CannotBe("close", to, {errno, std::generic_category()});
  return {};
}

Result<json> DescribeFile(const fs::path& path) {
  ASSIGN_OR_RETURN(const std::string content, Content(path));
  return json{{"name", path.filename().string()}, {"bytes", content.size()}, {"sha256", HexEncode(Sha256(content))}};
}

Result<std::vector<std::string>> CheckBackup(const fs::path& source) {
  ASSIGN_OR_RETURN(const std::string text, Content(source / kManifest));
  const json manifest = wire::ParseOrNothing(text);
  if (wire::NumberOf(wire::Member(manifest, "form")).value_or(0) != kForm || !manifest["files"].is_array()) {
    return Error(ErrorCode::kFailedPrecondition, (source / kManifest).string() + " is no manifest of a backup");
  }
  std::vector<std::string> names;
  for (const json& file : manifest["files"]) {
    const std::string name = wire::TextOf(file, "name");
    if (name.empty() || fs::path(name).filename() != name) {
      return Error(ErrorCode::kFailedPrecondition, "the manifest names a file outside of the backup");
    }
    ASSIGN_OR_RETURN(const json found, DescribeFile(source / name));
    if (found["sha256"] != file.value("sha256", json())) {
      return Error(ErrorCode::kFailedPrecondition, (source / name).string() + " is not as it was backed up");
    }
    if (IsDatabase(name)) RETURN_IF_ERROR(sqlite::CheckDatabase(source / name));
    names.push_back(name);
  }
  return names;
}

Result<void> GiveTo(const fs::path& path, const struct stat& owner) {
  if (::geteuid() != 0 || ::chown(path.c_str(), owner.st_uid, owner.st_gid) == 0) return {};
  return CannotBe("give away", path, {errno, std::generic_category()});
}

// Of this moment, for a folder's name.
std::string Stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts);
  return text;
}

}  // namespace

Result<BackedUp> BackUp(const fs::path& state_dir, const fs::path& target) {
  if (!fs::exists(state_dir / "accounts.db")) {
    return Error(ErrorCode::kNotFound, "there is no state in " + state_dir.string());
  }
  if (::mkdir(target.c_str(), 0700) != 0) return CannotBe("make", target, {errno, std::generic_category()});
  bool whole = false;
  const OnExit cleanup([&] {
    std::error_code ignored;
    if (!whole) fs::remove_all(target, ignored);
  });
  BackedUp backed_up;
  json files = json::array();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(state_dir, error)) {
    if (!IsState(entry)) continue;
    const fs::path copy = target / entry.path().filename();
    RETURN_IF_ERROR(IsDatabase(copy) ? sqlite::CopyDatabase(entry.path(), copy) : CopyFile(entry.path(), copy));
    ASSIGN_OR_RETURN(json described, DescribeFile(copy));
    files.push_back(std::move(described));
    backed_up.files.push_back(copy.filename().string());
    backed_up.has_seal_key = backed_up.has_seal_key || copy.filename() == kSealKey;
  }
  if (error) return CannotBe("read", state_dir, error);
  std::ofstream manifest(target / kManifest, std::ios::binary);
  manifest << json{{"form", kForm}, {"made_at", Stamp()}, {"files", std::move(files)}}.dump(2) << "\n";
  manifest.close();
  if (!manifest) return CannotBe("write", target / kManifest, {errno, std::generic_category()});
  whole = true;
  return backed_up;
}

Result<Restored> Restore(const fs::path& source, const fs::path& state_dir) {
  Restored restored;
  ASSIGN_OR_RETURN(restored.files, CheckBackup(source));
  struct stat owner {};
  if (::stat(state_dir.c_str(), &owner) != 0) return CannotBe("find", state_dir, {errno, std::generic_category()});

  // Copied beside the state first: what takes long or may fail has been done before the state is touched.
  const fs::path staged = state_dir / (".restoring-" + Stamp());
  if (::mkdir(staged.c_str(), 0700) != 0) return CannotBe("make", staged, {errno, std::generic_category()});
  std::error_code error;
  const OnExit cleanup([&] {
    std::error_code ignored;
    fs::remove_all(staged, ignored);
  });
  for (const std::string& name : restored.files) {
    RETURN_IF_ERROR(CopyFile(source / name, staged / name));
    RETURN_IF_ERROR(GiveTo(staged / name, owner));
  }
  const fs::path before = state_dir / (".before-restore-" + Stamp());
  std::vector<fs::path> present;
  for (const auto& entry : fs::directory_iterator(state_dir, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.ends_with(".lock") && !name.starts_with('.')) present.push_back(entry.path());
  }
  if (!present.empty()) {
    if (::mkdir(before.c_str(), 0700) != 0) return CannotBe("make", before, {errno, std::generic_category()});
    RETURN_IF_ERROR(GiveTo(before, owner));
    restored.before = before;
  }
  // At no moment is the state without a database, or the next start would take it for a new one: what is there gets a
  // second name first, and is then replaced. A journal goes before its database does, since it fits no other.
  for (const fs::path& path : present) {
    fs::create_hard_link(path, before / path.filename(), error);
    if (error) return CannotBe("put aside", path, error);
  }
  const auto is_restored = [&](const fs::path& path) {
    const auto& files = restored.files;
    return std::find(files.begin(), files.end(), path.filename().string()) != files.end();
  };
  for (const fs::path& path : present) {
    if (is_restored(path)) continue;
    fs::remove(path, error);
    if (error) return CannotBe("put aside", path, error);
  }
  for (const std::string& name : restored.files) {
    fs::rename(staged / name, state_dir / name, error);
    if (error) return CannotBe("restore", state_dir / name, error);
  }
  return restored;
}

}  // namespace patchbay::cli
