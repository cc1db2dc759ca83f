#include "lib/wire/listen_address.h"

#include <arpa/inet.h>

#include "lib/base/number.h"

namespace patchbay::wire {
namespace {

bool IsAddress(const std::string& host) {
  in_addr v4;
  in6_addr v6;
  return ::inet_pton(AF_INET, host.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, host.c_str(), &v6) == 1;
}

Error BadAddress(std::string_view text) {
  return Error(
      ErrorCode::kInvalidArgument,
      "'" + std::string(text) + "' is not an address to listen on; write 127.0.0.1:8080, [::1]:8080 or localhost:8080");
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return BadAddress(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress address{.host = host == "*" ? "" : std::string(host)};
  const auto port = ParseNumber<std::uint16_t>(port_text);
  if (!port) return BadAddress(text);
  address.port = *port;
  if (bracketed != (address.host.find(':') != std::string::npos)) return BadAddress(text);
  if (!address.host.empty() && address.host != "localhost" && !IsAddress(address.host)) return BadAddress(text);
  return address;
}

std::string FormatListenAddress(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  const std::string host = address.host.empty() ? "*" : v6 ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

}  // namespace patchbay::wire
