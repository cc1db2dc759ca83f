#include "lib/net/server/response_head.h"

#include <algorithm>
#include <charconv>

#include "lib/base/text.h"

namespace patchbay::net::server {
namespace {

void AppendNumber(std::string& out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

bool IsOurs(std::string_view name) {
  switch (name.size()) {
    case 4: return EqualsIgnoreCase(name, "date");
    case 6: return EqualsIgnoreCase(name, "server");
    case 10: return EqualsIgnoreCase(name, "connection") || EqualsIgnoreCase(name, "keep-alive");
    case 14: return EqualsIgnoreCase(name, "content-length");
    case 17: return EqualsIgnoreCase(name, "transfer-encoding");
    default: return false;
  }
}

// A header value may come from an upstream: no control character of it may end the line (RFC 9110 §5.5).
void AppendClean(std::string& out, std::string_view text) {
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
  const std::size_t start = out.size();
  out.append(text);
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_control, ' ');
}

}  // namespace

bool WantsClose(const HttpHeaders& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return EqualsIgnoreCase(header.first, "connection") && HasToken(header.second, "close");
  });
}

void AppendResponseHead(std::string& out, const ResponseHead& head, const HttpHeaders& headers) {
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<std::uint64_t>(std::clamp(head.status, 100, 999)));
  out.append(1, ' ').append(ReasonPhrase(head.status)).append("\r\nDate: ").append(head.date);
  out.append("\r\nServer: ").append(kServerName).append("\r\n");
  for (const auto& [name, value] : headers) {
    if (name.empty() || IsOurs(name)) continue;
    AppendClean(out, name);
    out.append(": ");
    AppendClean(out, value);
    out.append("\r\n");
  }
  switch (head.framing) {
    case Framing::kLength:
      out.append("Content-Length: ");
      AppendNumber(out, head.length);
      out.append("\r\n");
      break;
    case Framing::kChunked: out.append("Transfer-Encoding: chunked\r\n"); break;
    case Framing::kClose:
    case Framing::kNone: break;
  }
  if (!head.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (head.request_version < 11) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace patchbay::net::server
