#include "workers/ollama/server/router.h"

namespace patchbay::ollama {
namespace {

struct RouteRow {
  std::string_view method;  // "GET" serves HEAD, too, where the real server does
  std::string_view path;    // with '/' at its end: everything below
  Action action;
};

constexpr RouteRow kRoutes[] = {
    {"GET", "/", Action::kRoot},
    {"HEAD", "/", Action::kRoot},
    {"GET", "/api/version", Action::kVersion},
    {"HEAD", "/api/version", Action::kVersion},
    {"GET", "/api/tags", Action::kTags},
    {"HEAD", "/api/tags", Action::kTags},
    {"GET", "/api/ps", Action::kLoaded},
    {"POST", "/api/show", Action::kShow},
    {"POST", "/api/chat", Action::kChat},
    {"POST", "/api/generate", Action::kGenerate},
    {"POST", "/api/embed", Action::kEmbed},
    {"POST", "/api/embeddings", Action::kEmbeddings},
    {"POST", "/api/pull", Action::kPull},
    {"POST", "/api/push", Action::kPush},
    {"POST", "/api/create", Action::kCreate},
    {"POST", "/api/copy", Action::kCopy},
    {"DELETE", "/api/delete", Action::kDelete},
    {"HEAD", "/api/blobs/", Action::kFindBlob},
    {"POST", "/api/blobs/", Action::kMakeBlob},
    {"GET", "/api/status", Action::kCloudStatus},
    {"POST", "/api/me", Action::kAccount},
    {"POST", "/api/signout", Action::kAccount},
    {"DELETE", "/api/user/keys/", Action::kAccount},
    {"POST", "/api/experimental/web_search", Action::kWebSearch},
    {"POST", "/api/experimental/web_fetch", Action::kWebSearch},
};
constexpr std::string_view kRelayed = "/v1/";

bool Matches(std::string_view row, std::string_view path) {
  const bool below = row.size() > 1 && row.back() == '/';
  return below ? path.size() > row.size() && path.starts_with(row) : path == row;
}

}  // namespace

Action Find(std::string_view method, std::string_view path) {
  if (method == "OPTIONS") return Action::kPreflight;
  if (path.starts_with(kRelayed)) return Action::kRelay;
  bool known = false;
  for (const RouteRow& row : kRoutes) {
    if (!Matches(row.path, path)) continue;
    if (row.method == method) return row.action;
    known = true;
  }
  return known ? Action::kMethodNotAllowed : Action::kNotFound;
}

}  // namespace patchbay::ollama
