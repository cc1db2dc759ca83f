#include "lib/net/host_guard.h"

#include <arpa/inet.h>

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::net {
namespace {

struct HostAndPort {
  std::string_view host;  // an IPv6 address keeps its brackets
  std::string_view port;  // empty when there is none
};

HostAndPort SplitPort(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string_view WithoutBrackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

bool IsIpLiteral(std::string_view host) {
  const std::string text(WithoutBrackets(host));
  in_addr v4;
  in6_addr v6;
  return ::inet_pton(AF_INET, text.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

bool MatchesHost(std::string_view pattern, const HostAndPort& host) {
  if (pattern == "*") return true;
  const HostAndPort wanted = SplitPort(pattern);
  if (!wanted.port.empty() && wanted.port != host.port) return false;
  if (wanted.host.starts_with("*.")) {
    const std::string_view suffix = wanted.host.substr(1);
    return host.host.size() > suffix.size() && EndsWithIgnoreCase(host.host, suffix);
  }
  return EqualsIgnoreCase(WithoutBrackets(wanted.host), WithoutBrackets(host.host));
}

bool MatchesOrigin(std::string_view pattern, std::string_view origin) {
  if (pattern == "*" || EqualsIgnoreCase(pattern, origin)) return true;
  if (pattern.ends_with("://*")) {
    const std::string_view scheme = pattern.substr(0, pattern.size() - 1);
    return origin.size() > scheme.size() && StartsWithIgnoreCase(origin, scheme);
  }
  if (pattern.ends_with(":*")) {
    const std::string_view base = pattern.substr(0, pattern.size() - 2);
    const HostAndPort split = SplitPort(origin);
    // "http" of "http://host" is no host, and what follows its colon is no port.
    return EqualsIgnoreCase(base, origin) || (!split.port.starts_with('/') && EqualsIgnoreCase(base, split.host));
  }
  return false;
}

}  // namespace

bool HostGuard::HostAllowed(std::string_view text) const {
  const HostAndPort host = SplitPort(text);
  if (host.host.empty() || IsLoopbackHost(host.host)) return true;
  for (const ListenAddress& address : options_.listen) {
    const bool everywhere = address.host.empty() || address.host == "0.0.0.0" || address.host == "::";
    if (everywhere ? IsIpLiteral(host.host) : EqualsIgnoreCase(address.host, WithoutBrackets(host.host))) return true;
  }
  return std::any_of(options_.allowed_hosts.begin(), options_.allowed_hosts.end(),
                     [&](const std::string& pattern) { return MatchesHost(pattern, host); });
}

bool HostGuard::OriginAllowed(std::string_view origin, std::string_view host) const {
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos && !host.empty() && EqualsIgnoreCase(origin.substr(scheme + 3), host))
    return true;
  return std::any_of(options_.allowed_origins.begin(), options_.allowed_origins.end(),
                     [&](const std::string& pattern) { return MatchesOrigin(pattern, origin); });
}

Result<void> HostGuard::Check(const HttpRequest& request) const {
  const std::string_view host = request.Find("host").value_or("");
  if (!HostAllowed(host)) {
    return Error(ErrorCode::kPermissionDenied,
                 "this server does not answer to that Host; see " + options_.hosts_setting + " in the configuration")
        .From(Origin::kClient)
        .At("host");
  }
  const auto origin = request.Find("origin");
  if (origin && !OriginAllowed(*origin, host)) {
    return Error(ErrorCode::kPermissionDenied, "web pages of that Origin may not call this server; see " +
                                                   options_.origins_setting + " in the configuration")
        .From(Origin::kClient)
        .At("origin");
  }
  return {};
}

std::optional<std::string_view> HostGuard::AllowedOrigin(const HttpRequest& request) const {
  const auto origin = request.Find("origin");
  if (!origin || !OriginAllowed(*origin, request.Find("host").value_or(""))) return std::nullopt;
  return origin;
}

}  // namespace patchbay::net
