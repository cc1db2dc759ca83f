#include "workers/frontend/dialects/openai_responses/codex/client.h"

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/wire/json_reader.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

// Of a thread that works for another one.
constexpr std::string_view kParentHeader = "x-codex-parent-thread-id";
// The feature that is announced where the backend is to compact (real-clients §2.1).
constexpr std::string_view kBetaFeatures = "x-codex-beta-features", kCompactionBeta = "remote_compaction_v2";

// Codex's own headers that its backend reads (codex-wire §2.1). Who the client is — originator,
// version, user-agent — is the account's identity and stays upstream's business.
constexpr std::array<std::string_view, 14> kForwarded = {"session-id",
                                                         "thread-id",
                                                         "x-client-request-id",
                                                         "x-codex-window-id",
                                                         "x-codex-turn-state",
                                                         "x-codex-turn-metadata",
                                                         kParentHeader,
                                                         kBetaFeatures,
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

bool HasLiteHeader(const HeaderLookup& header) { return header(kLiteHeader) == "true"; }

bool Names(const HeaderList& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
}

}  // namespace

bool IsCodexClient(const HeaderLookup& header) {
  return NamesCodex(header("originator")) || NamesCodex(header("user-agent")) || HasLiteHeader(header) ||
         !header("x-codex-window-id").empty();
}

bool HasLiteMember(std::string_view client_metadata) {
  // Nearly every body has none, and a search is cheaper than a parse.
  if (client_metadata.find(kLiteMember) == std::string_view::npos) return false;
  bool lite = false;
  wire::JsonReader(client_metadata).ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == kLiteMember) lite = value.Text() == "true";
  });
  return lite;
}

void LookAtHead(const HeaderLookup& header, ClientTraits& client) {
  client.native = client.native || IsCodexClient(header);
  client.responses_lite = client.responses_lite || HasLiteHeader(header);
}

void LookAtMetadata(std::string_view client_metadata, ClientTraits& client) {
  if (HasLiteMember(client_metadata)) client.native = client.responses_lite = true;
}

// A thread that works for another one is spoken to in words that are sealed for the account of that one; the session is
// the same for all of them.
std::string_view SessionHeader(const HeaderLookup& header) {
  const bool works_for_another = !header(kParentHeader).empty() && !header("session-id").empty();
  return works_for_another ? "session-id" : std::string_view();
}

HeaderList ForwardedHeaders(const HeaderLookup& header) {
  HeaderList headers;
  for (const std::string_view name : kForwarded) {
    if (const std::string_view value = header(name); !value.empty()) headers.emplace_back(name, value);
  }
  return headers;
}

HeaderList HeadersFor(const DecodedRequest& request, HeaderList of_client) {
  // On a socket they travelled with its handshake.
  if (request.client.socket) return of_client;
  // Marked as a socket's messages are, and on its way over HTTP.
  const std::pair<std::string, std::string> lite(kLiteHeader, "true");
  const bool marked = std::find(of_client.begin(), of_client.end(), lite) != of_client.end();
  if (request.client.responses_lite && !marked) of_client.push_back(lite);
  if (request.client.compacts && !Names(of_client, kBetaFeatures)) {
    of_client.emplace_back(kBetaFeatures, kCompactionBeta);
  }
  return of_client;
}

}  // namespace patchbay::frontend::openai_responses::codex
