#include "lib/roster/roster.h"

#include <algorithm>
#include <array>

#include "lib/base/number.h"

namespace patchbay::roster {
namespace {

constexpr std::array<std::string_view, 3> kAccountsSections = {"accounts", "providers", "models"};
constexpr std::array<std::string_view, 1> kAccountsPeers = {"upstream"};
constexpr std::array<std::string_view, 2> kUpstreamSections = {"upstream", "providers"};
constexpr std::array<std::string_view, 1> kUpstreamPeers = {"accounts"};
// The frontend waits for an account for as long as accounts lets it.
constexpr std::array<std::string_view, 4> kFrontendSections = {"frontend", "gateway", "accounts.queue_wait",
                                                               "accounts.quota.view"};
constexpr std::array<std::string_view, 2> kFrontendPeers = {"accounts", "upstream"};
constexpr std::array<Listener, 2> kFrontendListeners = {
    Listener{"http", "frontend.listen", "set it to another address", "frontend.listeners"},
    Listener{"gateway", "gateway.listen", "set it to another address, or leave it out"}};
// Its clients may cost it what the frontend's may.
constexpr std::array<std::string_view, 2> kOllamaSections = {"ollama", "frontend.limits"};
constexpr std::array<std::string_view, 1> kOllamaPeers = {"frontend"};
constexpr std::array<Listener, 1> kOllamaListeners = {
    Listener{"ollama", "ollama.listen", "another Ollama? set ollama.listen, or ollama.enabled: false"}};

constexpr Builtin kTable[] = {
    {.role = Role::kAccounts,
     .kind = "accounts",
     .overlap = false,  // the single writer of its database
     .needs_seal_key = true,
     .needs_provider_keys = true,
     .sections = kAccountsSections,
     .peers = kAccountsPeers,
     .listeners = {},
     .count_setting = {},
     .enabled_setting = {}},
    {.role = Role::kUpstream,
     .kind = "upstream",
     .needs_seal_key = true,
     .sections = kUpstreamSections,
     .peers = kUpstreamPeers,
     .listeners = {},
     .count_setting = {},
     .enabled_setting = {}},
    {.role = Role::kFrontend,
     .kind = "frontend",
     .faces_clients = true,
     .sections = kFrontendSections,
     .peers = kFrontendPeers,
     .listeners = kFrontendListeners,
     .count_setting = "frontend.count",
     .enabled_setting = {}},
    {.role = Role::kOllama,
     .kind = "ollama",
     .core = false,
     .faces_clients = true,
     .has_callers = false,
     .sections = kOllamaSections,
     .peers = kOllamaPeers,
     .listeners = kOllamaListeners,
     .count_setting = {},
     .enabled_setting = "ollama.enabled"},
};

// Besides the workers: what stands in logs, tokens and socket names, and what is to come.
constexpr std::string_view kAlsoReserved[] = {"admin", "console", "operator", "patchbayd", "supervisor"};

constexpr std::size_t kNameLengthMax = 32;

}  // namespace

std::string_view ToString(Role role) {
  switch (role) {
    case Role::kNone: return "none";
    case Role::kSupervisor: return "supervisor";
    case Role::kOperator: return "operator";
    case Role::kExtra: return "extra";
    case Role::kProgram: return "program";
    case Role::kFrontend:
    case Role::kAccounts:
    case Role::kUpstream:
    case Role::kOllama: break;
  }
  for (const Builtin& worker : kTable) {
    if (worker.role == role) return worker.kind;
  }
  return "none";
}

std::span<const Builtin> Builtins() { return kTable; }

const Builtin* FindBuiltin(std::string_view kind) {
  for (const Builtin& worker : kTable) {
    if (worker.kind == kind) return &worker;
  }
  return nullptr;
}

WorkerId ParseWorkerId(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash != std::string_view::npos) {
    const std::string_view number = name.substr(dash + 1);
    const Builtin* builtin = FindBuiltin(name.substr(0, dash));
    const int ordinal = ParseNumber<int>(number).value_or(0);
    // "frontend-1" and "frontend-02" are nobody: each process has one name.
    if (builtin != nullptr && !builtin->count_setting.empty() && ordinal > 1 && number.front() != '0') {
      return {std::string(builtin->kind), ordinal};
    }
  }
  return {std::string(name), 1};
}

std::string ToString(const WorkerId& id) {
  return id.ordinal == 1 ? id.kind : id.kind + "-" + std::to_string(id.ordinal);
}

Role RoleOfWorker(std::string_view name) {
  const Builtin* builtin = FindBuiltin(ParseWorkerId(name).kind);
  return builtin == nullptr ? Role::kExtra : builtin->role;
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kNameLengthMax && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool IsReservedName(std::string_view name) {
  const std::string_view first = name.substr(0, name.find('-'));
  return FindBuiltin(first) != nullptr || std::ranges::find(kAlsoReserved, first) != std::end(kAlsoReserved);
}

}  // namespace patchbay::roster
