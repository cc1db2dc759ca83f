#include "workers/upstream/transport/http1/request_head.h"

namespace patchbay::upstream {

std::string WriteHead(std::string_view method, std::string_view target, const Authority& authority,
                      const Headers& headers, std::size_t body_bytes) {
  std::string head;
  head.reserve(4096);
  head.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  for (const Header& header : headers) {
    if (!IsHeaderName(header.name) || !IsSafeHeaderValue(header.value)) continue;
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  // Where the public client's HTTP library puts it (real-clients §7.1).
  head.append("host: ").append(authority.HostHeader()).append("\r\n");
  if (method != "GET") head.append("content-length: ").append(std::to_string(body_bytes)).append("\r\n");
  head.append("\r\n");
  return head;
}

}  // namespace patchbay::upstream
