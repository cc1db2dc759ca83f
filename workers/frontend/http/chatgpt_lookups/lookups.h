// What the Codex CLI asks about a ChatGPT login beside its calls: the account's workspaces, its plugins, its settings,
// a server of tools (real-clients §2.2, §7.1). Here there is one workspace, which is this gateway, and nothing of the
// rest; each answer is the least that the client takes without a word. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "workers/frontend/call/answer.h"

namespace patchbay::frontend {

// "https://" and the authority by which the client reached us, when it did so by https: by TLS here, or as a proxy in
// front says (X-Forwarded-Proto). `host` is the request's Host. Nullopt for a connection in clear, or no proper Host.
std::optional<std::string> HttpsOrigin(std::string_view host, bool secure, std::string_view forwarded_protocol);

// The account that the login names (ChatGPT-Account-Id), or `otherwise` where it names none that could be one.
std::string AccountOf(std::string_view header, std::string_view otherwise);

// The client goes to `origin` with its calls, so it must be ours.
std::string WorkspacesJson(std::string_view account, std::string_view origin);

inline constexpr std::string_view kNoPluginsJson = R"({"plugins":[],"pagination":{"next_page_token":null}})";
inline constexpr std::string_view kNoSuggestionsJson = R"({"enabled":false,"plugins":[]})";
inline constexpr std::string_view kNoSettingsJson = "{}";

// One message to the server of tools (Model Context Protocol over HTTP): it has none.
Answer ToolServerAnswer(std::string_view body);

}  // namespace patchbay::frontend
