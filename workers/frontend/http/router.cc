#include "workers/frontend/http/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/base/check.h"
#include "lib/wire/url.h"

namespace patchbay::frontend {
namespace {

// What stands below this version is also found without it, for a base URL that lacks it.
constexpr std::string_view kVersion = "/v1";
// The versions of the APIs, as paths begin with them. A base URL with one, to which an SDK appends its own, makes two.
constexpr std::array<std::string_view, 2> kVersions = {kVersion, "/v1beta"};

// What belongs to no protocol.
constexpr std::array kHouseRows = {
    RouteRow{.method = "GET", .path = "/v1/models/catalog", .action = Action::kModelCatalog, .shared = true},
    RouteRow{
        .method = "GET", .path = "/v1/models/", .action = Action::kModelDetails, .suffix = "/info", .shared = true},
    RouteRow{.method = "GET", .path = "/v1/usage", .action = Action::kKeyUsage, .shared = true},
    RouteRow{.method = "GET", .path = "/health", .action = Action::kHealth, .needs_key = false, .shared = true},
    RouteRow{.method = "GET", .path = "/ready", .action = Action::kReady, .needs_key = false, .shared = true},
    // Clients probe the root to see whether anybody is there.
    RouteRow{.method = "GET", .path = "/", .action = Action::kRoot, .needs_key = false, .shared = true},
};

bool IsOpen(const RouteRow& row) { return row.path.size() > 1 && row.path.back() == '/'; }

// "x:generateContent" is a model and a verb, and "compact" no answer's id: what says more is tried first.
int Rank(const RouteRow& row) {
  if (!row.suffix.empty()) return 0;
  return IsOpen(row) ? 2 : 1;
}

// Whoever may GET may ask with HEAD (RFC 9110 §9.3.2), but for an upgrade, which is no answer that could be had before.
bool Takes(const RouteRow& row, std::string_view method) {
  return row.method == method || (method == "HEAD" && row.method == "GET" && row.action != Action::kSocket);
}

// `argument` is what stands in the place that the row leaves open, decoded.
bool Matches(const RouteRow& row, std::string_view path, std::string& argument) {
  if (row.path == "/" || row.path.back() != '/') return path == row.path;
  if (!path.starts_with(row.path)) return false;
  // Clients may escape the ':' of a suffix, so it is looked for in the decoded text.
  argument = wire::PercentDecode(path.substr(row.path.size()));
  if (argument.size() <= row.suffix.size() || !argument.ends_with(row.suffix)) return false;
  argument.resize(argument.size() - row.suffix.size());
  return true;
}

// "/v1//responses" → "/v1/responses": of a base URL that ends in a slash, to which a client appended a path. The text
// lives in `storage` if it is another one.
std::string_view WithoutDoubledSlashes(std::string_view path, std::string& storage) {
  if (path.find("//") == std::string_view::npos) return path;
  for (const char c : path) {
    if (c != '/' || storage.empty() || storage.back() != '/') storage.push_back(c);
  }
  return storage;
}

// What `path` has behind `prefix`: nothing, or "/x"; unset when it does not begin with these segments.
std::optional<std::string_view> Below(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  return path.empty() || path.front() == '/' ? std::optional(path) : std::nullopt;
}

bool IsBelow(const std::vector<std::string_view>& prefixes, std::string_view path) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return Below(path, prefix).has_value(); });
}

// "/v1/models" → "/models"; empty without a version, or without anything behind it.
std::string_view BehindVersion(std::string_view path) {
  for (const std::string_view version : kVersions) {
    if (const auto rest = Below(path, version)) return *rest;
  }
  return {};
}

// "/chat/completions" → "/chat".
std::string_view FirstSegment(std::string_view path) {
  const std::size_t end = path.find('/', 1);
  return path.substr(0, end);
}

}  // namespace

Router::Router(const Dialects& dialects) : dialects_(dialects) {
  for (const auto& dialect : dialects.all()) {
    for (const RouteRow& row : dialect->routes()) Add(row, *dialect);
    for (const std::string_view base : dialect->further_bases()) bases_.push_back(base);
  }
  for (const RouteRow& row : kHouseRows) Add(row, dialects.usual());
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return Rank(a) < Rank(b); });
  // Of two bases the longer one says more.
  std::stable_sort(bases_.begin(), bases_.end(), [](auto a, auto b) { return a.size() > b.size(); });
}

void Router::Add(const RouteRow& row, const Dialect& dialect) {
  PATCHBAY_CHECK(row.path.starts_with('/') && !row.method.empty());
  PATCHBAY_CHECK(row.suffix.empty() || IsOpen(row));
  for (const Row& other : rows_) {
    PATCHBAY_CHECK(other.method != row.method || other.path != row.path || other.suffix != row.suffix);
  }
  rows_.push_back({row, &dialect});
  const auto below = Below(row.path, kVersion);
  PATCHBAY_CHECK(!row.at_further_bases || below);
  if (!below) return;
  first_below_.push_back(FirstSegment(*below));
  if (row.at_further_bases) below_bases_.push_back(*below);
}

// The path by which a row is found: "/v1/v1/messages" and "/messages" are "/v1/messages". The last version counts, for
// it is what the SDK appended. The text lives in `storage` if it is a longer one.
std::string_view Router::Canonical(std::string_view path, std::string& storage) const {
  while (true) {
    const std::string_view rest = BehindVersion(path);
    if (rest.empty() || BehindVersion(rest).empty()) break;
    path = rest;
  }
  if (!BehindVersion(path).empty()) return path;
  for (const std::string_view base : bases_) {
    const auto below = Below(path, base);
    if (below && IsBelow(below_bases_, *below)) return storage.assign(kVersion).append(*below);
  }
  return IsBelow(first_below_, path) ? std::string_view(storage.assign(kVersion).append(path)) : path;
}

// A version that only one dialect has is that dialect's, whatever follows.
const Dialect& Router::DialectOfUnknown(std::string_view path, const Dialect* claimant) const {
  const std::string_view version = FirstSegment(path);
  if (std::find(kVersions.begin(), kVersions.end(), version) != kVersions.end()) {
    const Dialect* owner = nullptr;
    bool only = true;
    for (const Row& row : rows_) {
      if (!Below(row.path, version)) continue;
      only = only && (owner == nullptr || owner == row.dialect);
      owner = row.dialect;
    }
    if (only && owner != nullptr) return *owner;
  }
  return claimant != nullptr ? *claimant : dialects_.usual();
}

Route Router::Find(std::string_view method, std::string_view path, const Dialect* claimant) const {
  std::string single, storage;
  path = WithoutDoubledSlashes(path, single);
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  path = Canonical(path, storage);
  Route route;
  std::string allow;
  // "x:generateContent" is a model and a verb, whatever the method: no later row may take all of it for a model's name.
  bool has_suffix = false;
  for (const Row& row : rows_) {
    std::string argument;
    if ((has_suffix && row.suffix.empty()) || !Matches(row, path, argument)) continue;
    has_suffix = has_suffix || !row.suffix.empty();
    if (Takes(row, method)) {
      route.action = row.action;
      route.dialect = row.shared && claimant != nullptr ? claimant : row.dialect;
      route.needs_key = row.needs_key;
      route.argument = std::move(argument);
      route.suffix = row.suffix;
      return route;
    }
    for (const std::string_view taken : {row.method, std::string_view("HEAD")}) {
      if (Takes(row, taken) && allow.find(taken) == std::string::npos) allow.append(taken).append(", ");
    }
    // No call of a dialect: whom another one claims is told in the words that it knows.
    const bool usual = row.dialect == &dialects_.usual();
    route.dialect = usual && claimant != nullptr ? claimant : row.dialect;
  }
  route.needs_key = false;
  if (route.dialect == nullptr) route.dialect = &DialectOfUnknown(path, claimant);
  route.allow = allow + "OPTIONS";
  if (method == "OPTIONS") {
    route.action = Action::kOptions;
  } else {
    route.action = allow.empty() ? Action::kNotFound : Action::kMethodNotAllowed;
  }
  return route;
}

}  // namespace patchbay::frontend
