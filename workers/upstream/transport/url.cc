#include "workers/upstream/transport/url.h"

#include "lib/wire/url.h"

namespace patchbay::upstream {

std::string Authority::HostHeader() const {
  std::string header = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) header += ":" + std::to_string(port);
  return header;
}

Result<Url> ParseUrl(std::string_view text) {
  ASSIGN_OR_RETURN(wire::HttpUrl parsed, wire::ParseHttpUrl(text));
  Url url;
  url.authority = {parsed.tls, std::move(parsed.host), parsed.port};
  url.path = std::move(parsed.path);
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

}  // namespace patchbay::upstream
