// Cookies per account and host: a strict subset of RFC 6265.
//
// Kept and sent back are only the cookies of the infrastructure in front of a provider, as the public
// client does (codex-wire §17): an account's own session cookies are never stored. Only over TLS.
// Pure; told the time. Single-threaded.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.h"

namespace patchbay::upstream {

struct Cookie {
  std::string name;
  std::string value;
  std::string domain;  // lower case, without a leading dot
  bool host_only = true;
  std::string path = "/";
  bool secure = false;
  std::optional<WallTime> expires;  // none: kept as long as there is room
  bool operator==(const Cookie&) const = default;
};

// Names that infrastructure uses.
bool IsInfrastructureCookie(std::string_view name);

// One Set-Cookie value as received from `host` for `path`. Nothing when it is malformed, too large,
// for a domain that the host may not speak for, or for a public suffix ("com", "co.uk").
std::optional<Cookie> ParseSetCookie(std::string_view text, std::string_view host, std::string_view path, WallTime now);

class CookieJar {
 public:
  static constexpr std::size_t kMaxCookieBytes = 4096;
  static constexpr std::size_t kMaxPerAccount = 32;
  static constexpr std::size_t kMaxAccounts = 20'000;

  // `on_change` is told an account whose stored cookies changed, and all that it has now.
  using OnChange = std::function<void(const std::string& account, const std::vector<Cookie>& cookies)>;
  void SetOnChange(OnChange on_change) { on_change_ = std::move(on_change); }

  // Takes every Set-Cookie of a response; expired ones remove what they name.
  void Store(const std::string& account, std::string_view host, std::string_view path,
             const std::vector<std::string_view>& set_cookies, WallTime now);
  // The Cookie header's value, or empty. Longest paths first, as RFC 6265 §5.4 asks.
  std::string HeaderFor(const std::string& account, std::string_view host, std::string_view path, WallTime now) const;

  // What is stored for an account; expired cookies included.
  std::vector<Cookie> Of(const std::string& account) const;
  // Replaces it without telling anybody: for loading.
  void Load(const std::string& account, std::vector<Cookie> cookies);
  std::size_t accounts() const { return jars_.size(); }

 private:
  OnChange on_change_;
  std::unordered_map<std::string, std::vector<Cookie>> jars_;
};

// A jar as text and back, for storage. Nothing when the text is not one.
std::string SerializeCookies(const std::vector<Cookie>& cookies);
std::optional<std::vector<Cookie>> ParseCookies(std::string_view text);

}  // namespace patchbay::upstream
