#include "workers/upstream/identity/profiles/header_profile.h"

#include <algorithm>
#include <iterator>

#include "lib/base/text.h"

namespace patchbay::upstream {
namespace {

// Client headers that a provider may see, besides those starting with "x-codex-".
constexpr std::string_view kAllowed[] = {
    "originator",
    "user-agent",
    "version",
    "session-id",
    "thread-id",
    "session_id",
    "conversation_id",
    "x-client-request-id",
    "openai-beta",
    "tracestate",
    "x-openai-subagent",
    "x-openai-memgen-request",
    "x-oai-attestation",
    "x-openai-internal-codex-responses-lite",
    "x-openai-internal-codex-residency",
};
// These say which program the client is; without an originator it is none that the backend knows.
constexpr std::string_view kProgram[] = {"originator", "user-agent", "version"};

template <std::size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool MayPass(std::string_view name, bool is_codex) {
  if (Contains(kProgram, name)) return is_codex;
  return name.starts_with("x-codex-") || Contains(kAllowed, name);
}

// The client's headers that may pass, with lower-case names.
Headers Passing(const Headers& forwarded) {
  const bool is_codex = !HeaderOr(forwarded, "originator").empty();
  Headers passing;
  std::size_t bytes = 0;
  for (const Header& header : forwarded) {
    const std::string name = LowerCase(header.name);
    bytes += name.size() + header.value.size();
    if (bytes > kMaxForwardedBytes) break;
    if (MayPass(name, is_codex) && FindHeader(passing, name) == nullptr) passing.push_back({name, header.value});
  }
  return passing;
}

void AddAccount(const AccountIdentity& account, Headers& headers) {
  headers.push_back({"authorization", "Bearer " + std::string(account.access_token)});
  if (!account.provider_account_id.empty())
    headers.push_back({"chatgpt-account-id", std::string(account.provider_account_id)});
  if (account.fedramp) headers.push_back({"x-openai-fedramp", "true"});
}

}  // namespace

Headers GenerateHeaders(const AccountIdentity& account, const CallIdentity& call) {
  static const Headers kNone;
  const Headers passing = Passing(call.forwarded == nullptr ? kNone : *call.forwarded);
  Headers headers;
  headers.reserve(16 + passing.size());
  AddAccount(account, headers);
  // The client's own value where it sent one, ours otherwise, in the order of the public client.
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::string* own = FindHeader(passing, name);
    if (own != nullptr) value = *own;
    if (!value.empty()) headers.push_back({std::string(name), std::string(value)});
  };
  add("originator", kOriginator);
  add("user-agent", kUserAgent);
  add("version", kClientVersion);
  add("session-id", call.session);
  add("thread-id", call.session);
  add("x-client-request-id", call.session);
  add("x-codex-window-id", call.session + ":0");
  std::string hint;
  if (!call.model.empty()) hint = "model=" + std::string(call.model);
  if (!hint.empty() && !call.tier.empty()) hint += ";tier=" + std::string(call.tier);
  add("x-codex-routing-hint", hint);
  for (const Header& header : passing) {
    if (FindHeader(headers, header.name) == nullptr) headers.push_back(header);
  }
  if (!call.traceparent.empty()) headers.push_back({"traceparent", std::string(call.traceparent)});
  headers.push_back({"accept", "text/event-stream"});
  headers.push_back({"content-type", "application/json"});
  if (!call.cookie.empty()) headers.push_back({"cookie", std::string(call.cookie)});
  return headers;
}

Headers SocketHeaders(const AccountIdentity& account, const CallIdentity& call) {
  static const Headers kNone;
  const Headers passing = Passing(call.forwarded == nullptr ? kNone : *call.forwarded);
  Headers headers;
  headers.reserve(16 + passing.size());
  if (!account.provider_account_id.empty())
    headers.push_back({"chatgpt-account-id", std::string(account.provider_account_id)});
  headers.push_back({"authorization", "Bearer " + std::string(account.access_token)});
  if (account.fedramp) headers.push_back({"x-openai-fedramp", "true"});
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::string* own = FindHeader(passing, name);
    if (own != nullptr) value = *own;
    if (!value.empty()) headers.push_back({std::string(name), std::string(value)});
  };
  add("user-agent", kUserAgent);
  add("originator", kOriginator);
  // Not the client's word for it: public clients name no version of the transport, or another one.
  headers.push_back({"openai-beta", std::string(kSocketBeta)});
  add("x-codex-beta-features", {});
  add("x-client-request-id", call.session);
  add("session-id", call.session);
  add("thread-id", call.session);
  add("x-codex-window-id", call.session + ":0");
  add("x-codex-turn-metadata", {});
  for (const Header& header : passing) {
    if (header.name == "x-codex-turn-state" || FindHeader(headers, header.name) != nullptr) continue;
    headers.push_back(header);
  }
  if (!call.traceparent.empty()) headers.push_back({"traceparent", std::string(call.traceparent)});
  if (!call.cookie.empty()) headers.push_back({"cookie", std::string(call.cookie)});
  return headers;
}

Headers FetchHeaders(const AccountIdentity* account, std::string_view content_type, std::string_view cookie) {
  Headers headers;
  if (account != nullptr) AddAccount(*account, headers);
  headers.push_back({"originator", std::string(kOriginator)});
  headers.push_back({"user-agent", std::string(kUserAgent)});
  headers.push_back({"accept", "*/*"});
  if (!content_type.empty()) headers.push_back({"content-type", std::string(content_type)});
  if (!cookie.empty()) headers.push_back({"cookie", std::string(cookie)});
  return headers;
}

}  // namespace patchbay::upstream
