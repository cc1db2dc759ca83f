#include "workers/frontend/router.h"

#include <array>
#include <cstdint>

namespace patchbay::frontend {
namespace {

struct Row {
  std::string_view method;
  std::string_view path;  // a trailing '/' takes everything below it as the argument
  Action action;
  std::string_view dialect;
  bool needs_key;
};

constexpr std::string_view kChat = "openai_chat";
constexpr std::string_view kResponses = "openai_responses";

constexpr std::array kRows = {
    Row{"POST", "/v1/chat/completions", Action::kCall, kChat, true},
    Row{"POST", "/v1/responses", Action::kCall, kResponses, true},
    // Where clients with a base URL without /v1, or with the ChatGPT backend's, send the same thing.
    Row{"POST", "/responses", Action::kCall, kResponses, true},
    Row{"POST", "/backend-api/codex/responses", Action::kCall, kResponses, true},
    Row{"GET", "/v1/models", Action::kListModels, kChat, true},
    Row{"GET", "/v1/models/", Action::kGetModel, kChat, true},
    Row{"GET", "/health", Action::kHealth, kChat, false},
    Row{"HEAD", "/health", Action::kHealth, kChat, false},
    Row{"GET", "/ready", Action::kReady, kChat, false},
    Row{"HEAD", "/ready", Action::kReady, kChat, false},
    // Clients probe the root to see whether anybody is there.
    Row{"GET", "/", Action::kRoot, kChat, false},
    Row{"HEAD", "/", Action::kRoot, kChat, false},
};

bool Matches(const Row& row, std::string_view path) {
  if (row.action != Action::kGetModel) return path == row.path;
  return path.size() > row.path.size() && path.substr(0, row.path.size()) == row.path;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
  return -1;
}

// What is not a valid escape stays as it is: a model of that name will not be found.
std::string PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace

Route FindRoute(std::string_view method, std::string_view path) {
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  Route route;
  std::string allow;
  for (const Row& row : kRows) {
    if (!Matches(row, path)) continue;
    if (row.method == method) {
      route.action = row.action;
      route.dialect = row.dialect;
      route.needs_key = row.needs_key;
      if (row.action == Action::kGetModel) route.argument = PercentDecode(path.substr(row.path.size()));
      return route;
    }
    allow.append(row.method).append(", ");
    route.dialect = row.dialect;
  }
  route.needs_key = false;
  if (route.dialect.empty()) route.dialect = kChat;
  route.allow = allow + "OPTIONS";
  if (method == "OPTIONS") {
    route.action = Action::kOptions;
  } else {
    route.action = allow.empty() ? Action::kNotFound : Action::kMethodNotAllowed;
  }
  return route;
}

}  // namespace patchbay::frontend
