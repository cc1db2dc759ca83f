#include "workers/upstream/identity/cookies/cookies.h"

#include <libpsl.h>

#include <algorithm>
#include <iterator>

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/time/http_date.h"
#include "lib/wire/json_reader.h"
#include "lib/wire/json_writer.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {
namespace {

// No cookie is believed for longer.
constexpr std::chrono::hours kMaxAge{24 * 400};

bool IsAddress(std::string_view host) {
  return host.find(':') != std::string_view::npos || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// RFC 6265 §5.1.3
bool DomainMatches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return !IsAddress(host) && host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

// §5.1.4
std::string DefaultPath(std::string_view path) {
  path = path.substr(0, path.find('?'));
  const std::size_t slash = path.rfind('/');
  if (!path.starts_with('/') || slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

bool PathMatches(std::string_view path, std::string_view cookie_path) {
  path = path.substr(0, path.find('?'));
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/';
}

// Dates come in RFC 9110's forms and with dashes between day, month and year.
std::optional<WallTime> ParseDate(std::string_view text) {
  if (const auto date = ParseHttpDate(text); date.ok()) return *date;
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '-', ' ');
  if (const auto date = ParseHttpDate(spaced); date.ok()) return *date;
  return std::nullopt;
}

struct Attributes {
  std::optional<WallTime> expires;
  std::optional<std::int64_t> max_age;
  std::string_view domain, path;
  bool secure = false;
};

// The last of each attribute counts (§5.3).
Attributes ParseAttributes(std::string_view text) {
  Attributes attributes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string_view name = Trim(piece.substr(0, equals), kBlanks);
    const std::string_view value = Trim(piece.substr(std::min(equals + 1, piece.size())), kBlanks);
    if (EqualsIgnoreCase(name, "expires")) {
      attributes.expires = ParseDate(value);
    } else if (EqualsIgnoreCase(name, "max-age")) {
      if (const auto seconds = ParseNumber<std::int64_t>(value)) attributes.max_age = seconds;
    } else if (EqualsIgnoreCase(name, "domain")) {
      attributes.domain = value;
    } else if (EqualsIgnoreCase(name, "path")) {
      attributes.path = value;
    } else if (EqualsIgnoreCase(name, "secure")) {
      attributes.secure = true;
    }
  }
  return attributes;
}

bool Expired(const Cookie& cookie, WallTime now) { return cookie.expires && *cookie.expires <= now; }

bool SamePlace(const Cookie& a, const Cookie& b) {
  return a.name == b.name && a.domain == b.domain && a.path == b.path && a.host_only == b.host_only;
}

}  // namespace

bool IsInfrastructureCookie(std::string_view name) {
  constexpr std::string_view kNames[] = {"__cf_bm", "__cflb",       "__cfruid",   "__cfseq",  "__cfwaitingroom",
                                         "_cfuvid", "cf_clearance", "cf_ob_info", "cf_use_ob"};
  return name.starts_with("cf_chl_") || std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::optional<Cookie> ParseSetCookie(std::string_view text, std::string_view host, std::string_view path,
                                     WallTime now) {
  if (text.size() > CookieJar::kMaxCookieBytes || !IsSafeHeaderValue(text)) return std::nullopt;
  const std::size_t end = std::min(text.find(';'), text.size());
  const std::string_view pair = text.substr(0, end);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Cookie cookie;
  cookie.name = Trim(pair.substr(0, equals), kBlanks);
  cookie.value = Trim(pair.substr(equals + 1), kBlanks);
  if (cookie.name.empty()) return std::nullopt;

  const Attributes attributes = ParseAttributes(text.substr(std::min(end + 1, text.size())));
  const std::string own_host = LowerCase(host);
  std::string domain = LowerCase(attributes.domain);
  if (domain.starts_with('.')) domain.erase(0, 1);
  if (domain.empty() || domain == own_host) {
    cookie.domain = own_host;
    cookie.host_only = domain.empty();
  } else {
    if (!DomainMatches(own_host, domain)) return std::nullopt;
    // No cookie for everybody under a public suffix ("com", "co.uk").
    if (domain.find('.') == std::string::npos || psl_is_public_suffix(psl_builtin(), domain.c_str()) != 0) {
      return std::nullopt;
    }
    cookie.domain = std::move(domain);
    cookie.host_only = false;
  }
  cookie.path = attributes.path.starts_with('/') ? std::string(attributes.path) : DefaultPath(path);
  cookie.secure = attributes.secure;
  if (attributes.max_age) {
    const auto seconds = std::clamp<std::int64_t>(*attributes.max_age, 0, std::chrono::seconds(kMaxAge).count());
    cookie.expires = now + std::chrono::seconds(seconds);
  } else if (attributes.expires) {
    cookie.expires = std::min(*attributes.expires, WallTime(now + kMaxAge));
  }
  return cookie;
}

void CookieJar::Store(const std::string& account, std::string_view host, std::string_view path,
                      const std::vector<std::string_view>& set_cookies, WallTime now) {
  bool changed = false;
  for (const std::string_view text : set_cookies) {
    std::optional<Cookie> cookie = ParseSetCookie(text, host, path, now);
    if (!cookie || !IsInfrastructureCookie(cookie->name)) continue;
    if (jars_.size() >= kMaxAccounts && jars_.count(account) == 0) return;
    std::vector<Cookie>& jar = jars_[account];
    const auto known =
        std::find_if(jar.begin(), jar.end(), [&](const Cookie& other) { return SamePlace(other, *cookie); });
    if (known != jar.end() && *known == *cookie) continue;
    changed = true;
    if (known != jar.end()) jar.erase(known);
    if (Expired(*cookie, now)) continue;
    std::erase_if(jar, [&](const Cookie& other) { return Expired(other, now); });
    if (jar.size() >= kMaxPerAccount) jar.erase(jar.begin());
    jar.push_back(std::move(*cookie));
  }
  if (changed && on_change_) on_change_(account, jars_[account]);
}

std::string CookieJar::HeaderFor(const std::string& account, std::string_view host, std::string_view path,
                                 WallTime now) const {
  const auto jar = jars_.find(account);
  if (jar == jars_.end()) return {};
  std::vector<const Cookie*> matching;
  for (const Cookie& cookie : jar->second) {
    const bool domain_fits = cookie.host_only ? cookie.domain == host : DomainMatches(host, cookie.domain);
    if (domain_fits && PathMatches(path, cookie.path) && !Expired(cookie, now)) matching.push_back(&cookie);
  }
  std::stable_sort(matching.begin(), matching.end(),
                   [](const Cookie* a, const Cookie* b) { return a->path.size() > b->path.size(); });
  std::string header;
  for (const Cookie* cookie : matching) {
    if (!header.empty()) header += "; ";
    header.append(cookie->name).append("=").append(cookie->value);
  }
  return header;
}

std::vector<Cookie> CookieJar::Of(const std::string& account) const {
  const auto jar = jars_.find(account);
  return jar == jars_.end() ? std::vector<Cookie>() : jar->second;
}

void CookieJar::Load(const std::string& account, std::vector<Cookie> cookies) {
  if (cookies.size() > kMaxPerAccount) cookies.resize(kMaxPerAccount);
  if (jars_.size() < kMaxAccounts) jars_[account] = std::move(cookies);
}

std::string SerializeCookies(const std::vector<Cookie>& cookies) {
  std::string text;
  wire::JsonWriter json(text);
  json.BeginArray();
  for (const Cookie& cookie : cookies) {
    json.BeginObject().Key("name").String(cookie.name).Key("value").String(cookie.value);
    json.Key("domain").String(cookie.domain).Key("host_only").Bool(cookie.host_only);
    json.Key("path").String(cookie.path).Key("secure").Bool(cookie.secure);
    if (cookie.expires) json.Key("expires_ms").Int(cookie.expires->time_since_epoch().count());
    json.EndObject();
  }
  json.EndArray();
  return text;
}

std::optional<std::vector<Cookie>> ParseCookies(std::string_view text) {
  std::vector<Cookie> cookies;
  wire::JsonReader array(text);
  const bool ok = array.ForEachElement([&](wire::JsonValue element) {
    Cookie cookie;
    wire::JsonReader object(element.RawObject());
    object.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "name")
        cookie.name = value.Text();
      else if (key == "value")
        cookie.value = value.Text();
      else if (key == "domain")
        cookie.domain = value.Text();
      else if (key == "path")
        cookie.path = value.Text();
      else if (key == "host_only")
        cookie.host_only = value.Bool().value_or(true);
      else if (key == "secure")
        cookie.secure = value.Bool().value_or(false);
      else if (key == "expires_ms")
        cookie.expires = WallTime(std::chrono::milliseconds(value.Int()));
    });
    if (!cookie.name.empty() && !cookie.domain.empty()) cookies.push_back(std::move(cookie));
  });
  if (!ok) return std::nullopt;
  return cookies;
}

}  // namespace patchbay::upstream
