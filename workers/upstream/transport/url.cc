#include "workers/upstream/transport/url.h"

#include <charconv>

#include "lib/base/text.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {
namespace {

Error Bad(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kInvalidArgument, "not a usable URL: '" + std::string(text) + "': " + std::string(why));
}

}  // namespace

std::string Authority::HostHeader() const {
  std::string header = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) header += ":" + std::to_string(port);
  return header;
}

Result<Url> ParseUrl(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.authority.tls = false;
    url.authority.port = 80;
  } else {
    return Bad(text, "it must start with https:// or http://");
  }
  for (const char c : rest) {
    if (c <= 0x20 || c == 0x7f || c == '?' || c == '#' || c == '@' || c == '\\') {
      return Bad(text, "only a host, a port and a path may follow the scheme");
    }
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view host = rest.substr(0, slash);
  url.path = rest.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();

  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return Bad(text, "a bracket is not closed");
    port = host.substr(close + 1);
    host = host.substr(1, close - 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty()) return Bad(text, "the host is missing");
  url.authority.host = LowerCase(host);
  if (!port.empty()) {
    unsigned number = 0;
    const char* begin = port.data() + 1;
    const char* end = port.data() + port.size();
    const auto [at, error] = std::from_chars(begin, end, number);
    if (port.front() != ':' || error != std::errc() || at != end || number == 0 || number > 65535) {
      return Bad(text, "the port is wrong");
    }
    url.authority.port = static_cast<std::uint16_t>(number);
  }
  return url;
}

}  // namespace patchbay::upstream
