#include "workers/upstream/identity/profiles/codex/codex_profile.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

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
    "x-responsesapi-include-timing-metrics",
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

// Which model, so that the request can be sent on before its body is read.
std::string RoutingHint(const CallIdentity& call) {
  if (call.model.empty()) return {};
  std::string hint = "model=" + std::string(call.model);
  if (!call.tier.empty()) hint.append(";tier=").append(call.tier);
  return hint;
}

// Headers in the order in which they are added: the client's own value where it sent one, ours otherwise.
class HeaderList {
 public:
  explicit HeaderList(const CallIdentity& call)
      : passing_(Passing(call.forwarded == nullptr ? Headers() : *call.forwarded)) {
    headers_.reserve(20 + passing_.size());
  }

  void Add(std::string_view name, std::string_view value = {}) {
    const std::string* own = FindHeader(passing_, name);
    Set(name, own == nullptr ? value : std::string_view(*own));
  }
  // Not the client's word for it.
  void Set(std::string_view name, std::string_view value) {
    if (!value.empty()) headers_.push_back({std::string(name), std::string(value)});
  }
  void AddAccount(const AccountIdentity& account) { upstream::AddAccount(account, headers_); }
  // What the client sent besides; what stands further down in the profile waits for its place there.
  void AddOthers(std::initializer_list<std::string_view> not_these) {
    for (const Header& header : passing_) {
      if (FindHeader(headers_, header.name) != nullptr) continue;
      if (std::find(not_these.begin(), not_these.end(), header.name) == not_these.end()) headers_.push_back(header);
    }
  }
  // The thread that a request belongs to, which other headers repeat.
  std::string Thread(const std::string& session) const { return std::string(HeaderOr(passing_, "thread-id", session)); }
  Headers Take() && { return std::move(headers_); }

 private:
  const Headers passing_;
  Headers headers_;
};

}  // namespace

const std::string& UserAgent() {
  static const std::string kText =
      std::string(kOriginator).append("/").append(kClientVersion).append(" ").append(kPlatform);
  return kText;
}

Headers GenerateHeaders(const AccountIdentity& account, const CallIdentity& call) {
  HeaderList profile(call);
  const std::string thread = profile.Thread(call.session);
  const std::string hint = RoutingHint(call);
  profile.Add("version", kClientVersion);
  profile.Add("x-codex-beta-features");
  profile.Add("x-codex-turn-state");
  profile.Add("x-codex-window-id", thread + ":0");
  profile.Add("x-codex-turn-metadata");
  profile.AddOthers(
      {"x-codex-routing-hint", "x-client-request-id", "session-id", "thread-id", "originator", "user-agent"});
  // Ours is about the provider's name of the model, the client's about its own.
  hint.empty() ? profile.Add("x-codex-routing-hint") : profile.Set("x-codex-routing-hint", hint);
  profile.Add("x-client-request-id", thread);
  profile.Add("session-id", call.session);
  profile.Add("thread-id", call.session);
  profile.Set("traceparent", call.traceparent);
  profile.Set("accept", "text/event-stream");
  profile.Set("content-type", "application/json");
  profile.AddAccount(account);
  profile.Add("originator", kOriginator);
  profile.Add("user-agent", UserAgent());
  profile.Set("cookie", call.cookie);
  profile.Set("accept-encoding", kAcceptEncoding);
  return std::move(profile).Take();
}

Headers DocumentHeaders(const AccountIdentity& account, const CallIdentity& call) {
  HeaderList profile(call);
  profile.Add("version", kClientVersion);
  profile.Add("x-codex-turn-metadata");
  profile.AddOthers({"originator", "user-agent"});
  profile.Set("traceparent", call.traceparent);
  profile.AddAccount(account);
  profile.Set("content-type", "application/json");
  profile.Add("originator", kOriginator);
  profile.Add("user-agent", UserAgent());
  profile.Set("cookie", call.cookie);
  profile.Set("accept", "*/*");
  profile.Set("accept-encoding", kAcceptEncoding);
  return std::move(profile).Take();
}

Headers SocketHeaders(const AccountIdentity& account, const CallIdentity& call) {
  HeaderList profile(call);
  const std::string thread = profile.Thread(call.session);
  profile.Set("chatgpt-account-id", account.provider_account_id);
  profile.Set("authorization", "Bearer " + std::string(account.access_token));
  if (account.fedramp) profile.Set("x-openai-fedramp", "true");
  profile.Add("user-agent", UserAgent());
  profile.Add("originator", kOriginator);
  // Public clients name no version of the transport, or another one.
  profile.Set("openai-beta", kSocketBeta);
  profile.Add("version", kClientVersion);
  profile.Add("x-codex-beta-features");
  profile.Add("x-client-request-id", thread);
  profile.Add("session-id", call.session);
  profile.Add("thread-id", call.session);
  profile.Add("x-codex-window-id", thread + ":0");
  profile.Add("x-codex-turn-metadata");
  profile.Add("x-codex-routing-hint");
  profile.AddOthers({"x-codex-turn-state", "x-openai-internal-codex-responses-lite"});
  profile.Set("traceparent", call.traceparent);
  profile.Set("cookie", call.cookie);
  return std::move(profile).Take();
}

Headers FetchHeaders(const AccountIdentity* account, Surface surface, std::string_view content_type,
                     std::string_view cookie) {
  HeaderList profile({});
  if (surface == Surface::kApi) profile.Set("version", kClientVersion);
  if (account != nullptr) profile.AddAccount(*account);
  profile.Set("content-type", content_type);
  profile.Set("originator", kOriginator);
  profile.Set("user-agent", UserAgent());
  profile.Set("cookie", cookie);
  profile.Set("accept", "*/*");
  profile.Set("accept-encoding", kAcceptEncoding);
  return std::move(profile).Take();
}

namespace {

class Codex final : public Profile {
 public:
  std::string_view client_version() const override { return kClientVersion; }
  Headers Generate(const AccountIdentity& account, const CallIdentity& call) const override {
    return GenerateHeaders(account, call);
  }
  Headers Document(const AccountIdentity& account, const CallIdentity& call) const override {
    return DocumentHeaders(account, call);
  }
  Headers Socket(const AccountIdentity& account, const CallIdentity& call) const override {
    return SocketHeaders(account, call);
  }
  Headers Fetch(const AccountIdentity* account, Surface surface, std::string_view content_type,
                std::string_view cookie) const override {
    return FetchHeaders(account, surface, content_type, cookie);
  }
};

}  // namespace

const Profile& CodexProfile() {
  static const Codex profile;
  return profile;
}

}  // namespace patchbay::upstream
