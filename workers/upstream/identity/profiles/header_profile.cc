#include "workers/upstream/identity/profiles/header_profile.h"

#include <openssl/sha.h>

#include <algorithm>
#include <iterator>

#include "lib/base/encoding.h"

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

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

void AddAccount(const AccountIdentity& account, Headers& headers) {
  headers.push_back({"authorization", "Bearer " + std::string(account.access_token)});
  if (!account.provider_account_id.empty())
    headers.push_back({"chatgpt-account-id", std::string(account.provider_account_id)});
  if (account.fedramp) headers.push_back({"x-openai-fedramp", "true"});
}

}  // namespace

std::string_view ForwardedSession(const Headers& forwarded) {
  for (const char* name : {"thread-id", "session-id", "session_id", "conversation_id", "x-client-request-id"}) {
    if (const std::string_view value = HeaderOr(forwarded, name); !value.empty()) return value;
  }
  return {};
}

std::string SessionUuid(std::string_view session, std::string_view account) {
  if (IsUuid(session)) return LowerCase(session);
  std::string text = "patchbay session|";
  text.append(account).append("|").append(session);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x40);  // RFC 9562: version 4, variant 10
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  std::string hex = HexEncode({reinterpret_cast<const char*>(digest), 16});
  for (const std::size_t at : {20, 16, 12, 8}) hex.insert(at, 1, '-');
  return hex;
}

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

std::string WriteHead(std::string_view method, std::string_view target, const Authority& authority,
                      const Headers& headers, std::size_t body_bytes) {
  std::string head;
  head.reserve(4096);
  head.append(method)
      .append(" ")
      .append(target)
      .append(" HTTP/1.1\r\nhost: ")
      .append(authority.HostHeader())
      .append("\r\n");
  for (const Header& header : headers) {
    if (!IsHeaderName(header.name) || !IsSafeHeaderValue(header.value)) continue;
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (method != "GET") head.append("content-length: ").append(std::to_string(body_bytes)).append("\r\n");
  head.append("\r\n");
  return head;
}

}  // namespace patchbay::upstream
