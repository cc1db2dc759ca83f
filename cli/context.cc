#include "cli/context.h"

#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace patchbay::cli {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Whether a gateway may be looked for in `directory`. Anybody may make a directory in /tmp, and commands send
// credentials: only one that belongs to us counts.
bool Trusted(const std::string& directory) {
  if (!directory.starts_with("/tmp/")) return true;
  struct stat facts {};
  return lstat(directory.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == getuid();
}

}  // namespace

std::string RuntimeDir(const Context& context) {
  if (!context.runtime_dir.empty()) return context.runtime_dir;
  for (const auto* name : {"PATCHBAY_RUNTIME_DIR", "RUNTIME_DIRECTORY"}) {
    if (auto value = Environment(name); !value.empty()) return value;
  }
  std::vector<std::string> places;
  if (const auto xdg = Environment("XDG_RUNTIME_DIR"); !xdg.empty()) places.push_back(xdg + "/patchbay");
  places.push_back("/tmp/patchbay-" + std::to_string(getuid()));
  places.emplace_back("/run/patchbay");  // the system's service
  for (const auto& place : places) {
    std::error_code error;
    if (Trusted(place) && std::filesystem::exists(place + "/admin.sock", error)) return place;
  }
  for (const auto& place : places) {
    if (Trusted(place)) return place;
  }
  return places.back();
}

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string ToJson(const google::protobuf::Message& message, bool compact) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = !compact;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  PATCHBAY_CHECK(status.ok());
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

void PrintJson(const google::protobuf::Message& message) { Print(ToJson(message)); }

WallTime Now() { return SystemClock().Now(); }

}  // namespace patchbay::cli
