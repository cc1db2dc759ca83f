#include "lib/wire/listen_address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay::wire {
namespace {

constexpr std::string_view kUnix = "unix:";
// What the kernel takes (sockaddr_un), without the NUL at its end.
constexpr std::size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;

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

Result<ListenAddress> ParseListenAddressOrPath(std::string_view text) {
  if (!text.starts_with(kUnix)) return ParseListenAddress(text);
  const std::string_view path = text.substr(kUnix.size());
  const auto bad = [&](const std::string& why) {
    return Error(ErrorCode::kInvalidArgument, "'" + std::string(text) + "' " + why);
  };
  if (!path.starts_with('/') || path.ends_with('/'))
    return bad("needs the whole path, like unix:/run/patchbay/http.sock");
  if (path.size() > kMaxPathBytes) {
    return bad("has a path of " + std::to_string(path.size()) + " bytes; the kernel takes " +
               std::to_string(kMaxPathBytes));
  }
  return ListenAddress{.host = {}, .port = 0, .path = std::string(path)};
}

bool IsLoopbackHost(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (EqualsIgnoreCase(host, "localhost")) return true;
  const std::string text(host);
  in_addr v4;
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

std::string FormatListenAddress(const ListenAddress& address) {
  if (!address.path.empty()) return std::string(kUnix).append(address.path);
  const bool v6 = address.host.find(':') != std::string::npos;
  const std::string host = address.host.empty() ? "*" : v6 ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

}  // namespace patchbay::wire
