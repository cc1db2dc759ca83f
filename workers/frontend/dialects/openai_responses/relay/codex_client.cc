#include "workers/frontend/dialects/openai_responses/relay/codex_client.h"

#include <array>

#include "lib/base/text.h"
#include "lib/wire/json_reader.h"

namespace patchbay::frontend::openai_responses {
namespace {

// Codex's own headers that its backend reads (codex-wire §2.1). Who the client is — originator,
// version, user-agent — is the account's identity and stays upstream's business.
constexpr std::array<std::string_view, 14> kForwarded = {"session-id",
                                                         "thread-id",
                                                         "x-client-request-id",
                                                         "x-codex-window-id",
                                                         "x-codex-turn-state",
                                                         "x-codex-turn-metadata",
                                                         "x-codex-parent-thread-id",
                                                         "x-codex-beta-features",
                                                         "x-codex-routing-hint",
                                                         "x-openai-subagent",
                                                         "x-openai-memgen-request",
                                                         "x-responsesapi-include-timing-metrics",
                                                         kLiteHeader,
                                                         "openai-beta"};

bool NamesCodex(std::string_view program) {
  constexpr std::string_view kName = "codex";
  // "codexbar" is somebody else.
  constexpr std::string_view kWordEnds = "_- /(";
  if (!EqualsIgnoreCase(program.substr(0, kName.size()), kName)) return false;
  return program.size() == kName.size() || kWordEnds.find(program[kName.size()]) != std::string_view::npos;
}

}  // namespace

bool IsCodexClient(const HeaderLookup& header) {
  return NamesCodex(header("originator")) || NamesCodex(header("user-agent")) || HasLiteHeader(header) ||
         !header("x-codex-window-id").empty();
}

bool IsCodexBackend(std::string_view provider_dialect) { return provider_dialect == "codex"; }

bool HasLiteHeader(const HeaderLookup& header) { return header(kLiteHeader) == "true"; }

bool HasLiteMember(std::string_view client_metadata) {
  // Nearly every body has none, and a search is cheaper than a parse.
  if (client_metadata.find(kLiteMember) == std::string_view::npos) return false;
  bool lite = false;
  wire::JsonReader(client_metadata).ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == kLiteMember) lite = value.Text() == "true";
  });
  return lite;
}

HeaderList ForwardedHeaders(const HeaderLookup& header) {
  HeaderList headers;
  for (const std::string_view name : kForwarded) {
    if (const std::string_view value = header(name); !value.empty()) headers.emplace_back(name, value);
  }
  return headers;
}

}  // namespace patchbay::frontend::openai_responses
