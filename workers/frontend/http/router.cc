#include "workers/frontend/http/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/wire/url.h"
#include "workers/frontend/dialects/registry.h"

namespace patchbay::frontend {
namespace {

struct Row {
  std::string_view method;
  std::string_view path;  // a trailing '/' takes everything below it as the argument
  Action action;
  std::string_view dialect;
  bool needs_key;
  std::string_view suffix = {};  // behind the argument: "/input_items", ":generateContent"
};

constexpr std::string_view kChat = "openai_chat";
constexpr std::string_view kResponses = "openai_responses";
constexpr std::string_view kGemini = "gemini";
constexpr std::string_view kMessages = "anthropic";
constexpr std::string_view kCompaction = "openai_responses_compact";

constexpr std::string_view kVersion = "/v1";
constexpr std::string_view kResponsesPath = "/v1/responses";
// Where clients with the ChatGPT backend's base URL send the same things (codex-key-plugin §1), and what these are.
constexpr std::array<std::string_view, 2> kBackendBases = {"/backend-api/codex", "/backend-api"};
constexpr std::array<std::string_view, 4> kBelowBackend = {"/responses", "/alpha/search", "/memories/trace_summarize",
                                                           "/images"};

// The versions of the APIs, as paths begin with them. A base URL with one, to which an SDK appends its own, makes two.
constexpr std::array<std::string_view, 2> kVersions = {kVersion, "/v1beta"};
// What stands below /v1 is also found without it, for a base URL that lacks it.
constexpr std::array<std::string_view, 9> kUnversioned = {
    "/chat/completions", "/completions",  "/embeddings",
    "/images",           "/messages",     "/models",
    "/responses",        "/alpha/search", "/memories/trace_summarize"};

// Among rows of one path those with a suffix come first.
constexpr std::array kRows = {
    Row{"POST", "/v1/chat/completions", Action::kCall, kChat, true},
    Row{"POST", "/v1/completions", Action::kCall, "openai_completions", true},
    Row{"POST", "/v1/embeddings", Action::kNoProvider, kChat, true},
    Row{"POST", "/v1/images/generations", Action::kCall, "openai_images_generations", true},
    Row{"POST", "/v1/images/edits", Action::kCall, "openai_images_edits", true},
    Row{"POST", kResponsesPath, Action::kCall, kResponses, true},
    Row{"GET", kResponsesPath, Action::kSocket, kResponses, true},
    Row{"POST", "/v1/responses/compact", Action::kCall, kCompaction, true},
    Row{"POST", "/v1/alpha/search", Action::kCall, "openai_search", true},
    Row{"POST", "/v1/memories/trace_summarize", Action::kCall, "openai_memories", true},
    Row{"POST", "/v1/responses/input_tokens", Action::kCountTokens, kResponses, true},
    Row{"GET", "/v1/responses/", Action::kStoredAnswer, kResponses, true, "/input_items"},
    Row{"POST", "/v1/responses/", Action::kStoredAnswer, kResponses, true, "/cancel"},
    Row{"GET", "/v1/responses/", Action::kStoredAnswer, kResponses, true},
    Row{"DELETE", "/v1/responses/", Action::kStoredAnswer, kResponses, true},
    Row{"POST", "/v1/messages", Action::kCall, kMessages, true},
    Row{"POST", "/v1/messages/count_tokens", Action::kCountTokens, kMessages, true},
    Row{"GET", "/v1/models", Action::kListModels, kChat, true},
    // The Codex CLI's own place for the same question.
    Row{"GET", "/backend-api/codex/models", Action::kListModels, kResponses, true},
    // What its ChatGPT login makes it ask besides; the server of tools it asks without a key.
    Row{"GET", "/backend-api/wham/accounts/check", Action::kWorkspaces, kResponses, true},
    Row{"GET", "/backend-api/wham/settings/user", Action::kAccountSettings, kResponses, true},
    Row{"GET", "/backend-api/ps/plugins/tooling-state/", Action::kAccountSettings, kResponses, true},
    Row{"GET", "/backend-api/ps/plugins/installed", Action::kPlugins, kResponses, true},
    Row{"GET", "/backend-api/ps/plugins/suggested/", Action::kPluginSuggestions, kResponses, true},
    Row{"POST", "/backend-api/ps/mcp", Action::kToolServer, kResponses, false},
    Row{"GET", "/v1/models/catalog", Action::kModelCatalog, kChat, true},
    Row{"GET", "/v1/models/", Action::kModelDetails, kChat, true, "/info"},
    // Google's clients choose a version of the API; what is behind it is the same here.
    Row{"POST", "/v1beta/models/", Action::kCall, kGemini, true, ":generateContent"},
    Row{"POST", "/v1beta/models/", Action::kCall, kGemini, true, ":streamGenerateContent"},
    Row{"POST", "/v1beta/models/", Action::kCountTokens, kGemini, true, ":countTokens"},
    // The dialect says that nobody makes embeddings.
    Row{"POST", "/v1beta/models/", Action::kCall, kGemini, true, ":embedContent"},
    Row{"POST", "/v1beta/models/", Action::kCall, kGemini, true, ":batchEmbedContents"},
    Row{"GET", "/v1beta/models", Action::kListModels, kGemini, true},
    Row{"GET", "/v1beta/models/", Action::kGetModel, kGemini, true},
    Row{"POST", "/v1/models/", Action::kCall, kGemini, true, ":generateContent"},
    Row{"POST", "/v1/models/", Action::kCall, kGemini, true, ":streamGenerateContent"},
    Row{"POST", "/v1/models/", Action::kCountTokens, kGemini, true, ":countTokens"},
    Row{"POST", "/v1/models/", Action::kCall, kGemini, true, ":embedContent"},
    Row{"POST", "/v1/models/", Action::kCall, kGemini, true, ":batchEmbedContents"},
    Row{"GET", "/v1/models/", Action::kGetModel, kChat, true},
    Row{"GET", "/health", Action::kHealth, kChat, false},
    Row{"GET", "/ready", Action::kReady, kChat, false},
    // Clients probe the root to see whether anybody is there.
    Row{"GET", "/", Action::kRoot, kChat, false},
    // Where Claude Code looks whether anybody is there (real-clients §7.2).
    Row{"GET", "/api/hello", Action::kRoot, kMessages, false},
};

// Whoever may GET may ask with HEAD (RFC 9110 §9.3.2), but for an upgrade, which is no answer that could be had before.
bool Takes(const Row& row, std::string_view method) {
  return row.method == method || (method == "HEAD" && row.method == "GET" && row.action != Action::kSocket);
}

// `argument` is what stands in the place that the row leaves open, decoded.
bool Matches(const Row& row, std::string_view path, std::string& argument) {
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

template <std::size_t N>
bool IsBelow(const std::array<std::string_view, N>& prefixes, std::string_view path) {
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

// The path by which a row is found: "/v1/v1/messages" and "/messages" are "/v1/messages". The last version counts, for
// it is what the SDK appended. The text lives in `storage` if it is a longer one.
std::string_view Canonical(std::string_view path, std::string& storage) {
  while (true) {
    const std::string_view rest = BehindVersion(path);
    if (rest.empty() || BehindVersion(rest).empty()) break;
    path = rest;
  }
  if (!BehindVersion(path).empty()) return path;
  for (const std::string_view base : kBackendBases) {
    const auto below = Below(path, base);
    if (below && IsBelow(kBelowBackend, *below)) return storage.assign(kVersion).append(*below);
  }
  return IsBelow(kUnversioned, path) ? std::string_view(storage.assign(kVersion).append(path)) : path;
}

}  // namespace

Router::Router() : chat_(&FindDialect(kChat)), anthropic_(&FindDialect(kMessages)), gemini_(&FindDialect(kGemini)) {
  for (const Row& row : kRows) dialects_.push_back(&FindDialect(row.dialect));
}

// Of paths that belong to no protocol in particular.
const Dialect& Router::Shared(ClientOf client) const {
  switch (client) {
    case ClientOf::kAnybody: return *chat_;
    case ClientOf::kAnthropic: return *anthropic_;
    case ClientOf::kGoogle: return *gemini_;
  }
  return *chat_;
}

Route Router::Find(std::string_view method, std::string_view path, ClientOf client) const {
  std::string single, storage;
  path = WithoutDoubledSlashes(path, single);
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  path = Canonical(path, storage);
  // Google's clients call under paths of their own: who shows its key to another protocol's call speaks that protocol.
  const auto dialect_of = [&](std::size_t row) {
    const bool calls = kRows[row].action == Action::kCall && client == ClientOf::kGoogle;
    return dialects_[row] == chat_ && !calls ? &Shared(client) : dialects_[row];
  };
  Route route;
  std::string allow;
  // "x:generateContent" is a model and a verb, whatever the method: no later row may take all of it for a model's name.
  bool has_suffix = false;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const Row& row = kRows[i];
    std::string argument;
    if ((has_suffix && row.suffix.empty()) || !Matches(row, path, argument)) continue;
    has_suffix = has_suffix || !row.suffix.empty();
    if (Takes(row, method)) {
      route.action = row.action;
      route.dialect = dialect_of(i);
      route.needs_key = row.needs_key;
      route.argument = std::move(argument);
      route.suffix = row.suffix;
      return route;
    }
    for (const std::string_view taken : {row.method, std::string_view("HEAD")}) {
      if (Takes(row, taken) && allow.find(taken) == std::string::npos) allow.append(taken).append(", ");
    }
    route.dialect = dialects_[i] == chat_ ? &Shared(client) : dialects_[i];
  }
  route.needs_key = false;
  if (route.dialect == nullptr) route.dialect = path.starts_with("/v1beta") ? gemini_ : &Shared(client);
  route.allow = allow + "OPTIONS";
  if (method == "OPTIONS") {
    route.action = Action::kOptions;
  } else {
    route.action = allow.empty() ? Action::kNotFound : Action::kMethodNotAllowed;
  }
  return route;
}

}  // namespace patchbay::frontend
