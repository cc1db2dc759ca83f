#include "lib/wire/url.h"

#include <algorithm>
#include <boost/url.hpp>
#include <optional>

#include "lib/base/encoding.h"
#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay::wire {

namespace {

namespace urls = boost::urls;

Error Wrong(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

bool HoldsUser(std::string_view text) {
  const std::size_t scheme = text.find("//");
  if (scheme == std::string_view::npos) return text.find('@') != std::string_view::npos;
  const std::string_view rest = text.substr(scheme + 2);
  return rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos;
}

// By what a view of any version of Boost has; what it converts to is another matter.
template <class View>
std::string TextOf(const View& view) {
  return std::string(view.data(), view.size());
}

// Empty for an address that no socket can be opened to.
std::string HostOf(const urls::url_view& url) {
  switch (url.host_type()) {
    case urls::host_type::ipv6: return LowerCase(TextOf(url.host_address()));
    case urls::host_type::ipv4: return TextOf(url.encoded_host());
    case urls::host_type::name: {
      const std::string host = TextOf(url.encoded_host());
      return host.find('%') == std::string::npos ? LowerCase(host) : std::string();
    }
    default: return {};
  }
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view text) {
  // Looked for before anything is shown, in what is no URL too.
  if (HoldsUser(text)) return Wrong("a URL here holds no user name or password");
  const std::string shown = "'" + std::string(text) + "'";
  HttpUrl out;
  if (text.starts_with("http://")) {
    out.tls = false;
    out.port = 80;
  } else if (!text.starts_with("https://")) {
    return Wrong(shown + " does not begin with https:// or http://");
  }
  const auto url = urls::parse_uri(text);
  if (!url.has_value() || url->has_query() || url->has_fragment()) {
    return Wrong(shown + " is not a URL without query, like https://example.com/v1");
  }
  out.host = HostOf(*url);
  // Newer Boost knows zones, "[fe80::1%25eth0]": they mean something on one machine only.
  const bool has_zone = TextOf(url->encoded_host()).find('%') != std::string::npos;
  if (out.host.empty() || has_zone) return Wrong(shown + " is not a URL with a host, like https://example.com/v1");
  if (url->has_port()) {
    const auto port = ParseNumber<std::uint16_t>(TextOf(url->port()));
    if (!port || *port == 0) return Wrong(shown + " has a port that is not from 1 to 65535");
    out.port = *port;
  }
  out.path = TextOf(url->encoded_path());
  // Boost takes "[::1]x" apart as a host and a path.
  if (!out.path.empty() && out.path.front() != '/') return Wrong(shown + " has something behind its host");
  return out;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (IsLetterOrDigit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 0xf]};
    }
  }
  return encoded;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (PercentDecode(pair.substr(0, equals)) != name) continue;
    std::string value(pair.substr(std::min(equals + 1, pair.size())));
    std::replace(value.begin(), value.end(), '+', ' ');
    return PercentDecode(value);
  }
  return {};
}

}  // namespace patchbay::wire
