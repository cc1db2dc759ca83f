#include "workers/upstream/call/outgoing.h"

#include <utility>
#include <vector>

#include "lib/base/text.h"
#include "lib/wire/url.h"
#include "workers/upstream/transport/http1/request_head.h"

namespace patchbay::upstream {

Outgoing::Outgoing(const CallContext& context, std::shared_ptr<const Provider> provider, Road road,
                   std::shared_ptr<const Credential> credential)
    : context_(context), provider_(std::move(provider)), road_(std::move(road)), credential_(std::move(credential)) {}

Result<Outgoing> Outgoing::For(const CallContext& context, std::shared_ptr<const Provider> provider,
                               std::shared_ptr<const Credential> credential) {
  ASSIGN_OR_RETURN(Road road, Road::Of(credential->account, credential->egress));
  return Outgoing(context, std::move(provider), std::move(road), std::move(credential));
}

Outgoing Outgoing::WithoutCredential(const CallContext& context, std::shared_ptr<const Provider> provider, Road road) {
  return Outgoing(context, std::move(provider), std::move(road), nullptr);
}

HttpRequest Outgoing::Generate(CallIdentity identity, std::string body, const Timeouts& timeouts) const {
  const Target& target = provider_->generate;
  const std::string cookie = CookieFor(target);
  identity.cookie = cookie;
  return Post(target, provider_->profile->Generate(Account(), identity), std::move(body), timeouts);
}

HttpRequest Outgoing::AskDocument(const Target& target, CallIdentity identity, std::string body,
                                  const Timeouts& timeouts) const {
  const std::string cookie = CookieFor(target);
  identity.cookie = cookie;
  return Post(target, provider_->profile->Document(Account(), identity), std::move(body), timeouts);
}

HttpRequest Outgoing::Post(const Target& target, Headers headers, std::string body, const Timeouts& timeouts) const {
  HttpRequest request;
  request.to = To(target);
  request.head = WriteHead("POST", PathOf(target), target.authority, WithOwn(std::move(headers)), body.size());
  request.body = std::move(body);
  request.timeouts = timeouts;
  return request;
}

WebSocketRequest Outgoing::Upgrade(CallIdentity identity, const Timeouts& timeouts) const {
  const Target& target = provider_->generate;
  const std::string cookie = CookieFor(target);
  identity.cookie = cookie;
  WebSocketRequest request;
  request.to = To(target);
  request.path = PathOf(target);
  request.headers = WithOwn(provider_->profile->Socket(Account(), identity));
  request.connect_timeout = timeouts.connect;
  request.deadline = timeouts.total;
  return request;
}

HttpRequest Outgoing::Get(const Target& target, Surface surface, std::string_view content_type,
                          const Timeouts& timeouts) const {
  return Fetch("GET", target, surface, content_type, {}, timeouts);
}

HttpRequest Outgoing::GetShowing(const Target& target, std::string_view authorization, const Timeouts& timeouts) const {
  Headers headers = WithOwn(provider_->profile->Fetch(nullptr, Surface::kElsewhere, {}, {}));
  headers.push_back({"authorization", std::string(authorization)});
  HttpRequest request;
  request.to = To(target);
  request.head = WriteHead("GET", PathOf(target), target.authority, headers, 0);
  request.timeouts = timeouts;
  return request;
}

HttpRequest Outgoing::PostOnce(const Target& target, std::string_view content_type, std::string body,
                               const Timeouts& timeouts) const {
  HttpRequest request = Fetch("POST", target, Surface::kElsewhere, content_type, std::move(body), timeouts);
  request.fresh_connection = true;
  return request;
}

HttpRequest Outgoing::Fetch(std::string_view method, const Target& target, Surface surface,
                            std::string_view content_type, std::string body, const Timeouts& timeouts) const {
  const std::string cookie = CookieFor(target);
  const AccountIdentity account = Account();
  const Headers headers =
      WithOwn(provider_->profile->Fetch(credential_ ? &account : nullptr, surface, content_type, cookie));
  HttpRequest request;
  request.to = To(target);
  request.head = WriteHead(method, PathOf(target), target.authority, headers, body.size());
  request.body = std::move(body);
  request.timeouts = timeouts;
  return request;
}

Redactor Outgoing::MakeRedactor() const {
  std::vector<Secret> secrets;
  if (credential_) {
    secrets.push_back(credential_->access_token);
    secrets.emplace_back(credential_->provider_account_id);
    for (Cookie& cookie : context_.cookies->Of(road_.account())) secrets.emplace_back(std::move(cookie.value));
  }
  return Redactor(std::move(secrets));
}

void Outgoing::TakeCookies(const ResponseHead& head, const Target& target) const {
  if (!target.tls || (credential_ && credential_->passes)) return;
  std::vector<std::string_view> set_cookies;
  for (const Header& header : head.headers) {
    if (header.name == "set-cookie") set_cookies.push_back(header.value);
  }
  if (set_cookies.empty()) return;
  context_.cookies->Store(road_.account(), target.authority.host, target.path, set_cookies, context_.clock->Now());
}

Destination Outgoing::To(const Target& target) const {
  Destination destination;
  destination.authority = target.authority;
  destination.tls = target.tls;
  destination.allow_private = provider_->allow_private;
  destination.road = road_;
  return destination;
}

std::string Outgoing::PathOf(const Target& target) const {
  const catalog::v1::Auth& auth = provider_->row.auth();
  if (!credential_ || auth.key_in() != "query" || credential_->access_token.empty()) return target.path;
  const char separator = target.path.find('?') == std::string::npos ? '?' : '&';
  return target.path + separator + auth.query_name() + "=" + wire::PercentEncode(credential_->access_token.Reveal());
}

Headers Outgoing::WithOwn(Headers headers) const {
  for (const auto& [name, value] : provider_->row.headers()) {
    std::erase_if(headers, [&, &key = name](const Header& header) { return EqualsIgnoreCase(header.name, key); });
    headers.push_back({name, value});
  }
  return headers;
}

AccountIdentity Outgoing::Account() const {
  if (!credential_) return {};
  return {credential_->access_token.Reveal(), credential_->provider_account_id, credential_->fedramp,
          provider_->row.auth().key_in()};
}

std::string Outgoing::CookieFor(const Target& target) const {
  if (!target.tls || !credential_ || credential_->passes) return {};
  return context_.cookies->HeaderFor(road_.account(), target.authority.host, target.path, context_.clock->Now());
}

}  // namespace patchbay::upstream
