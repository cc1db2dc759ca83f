// Any bytes as HTTP requests: the parser never crashes, and it reads the same requests however the bytes were cut.
// That is also what keeps us from being one half of a request smuggling pair.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/net/server/body_decoder.h"
#include "lib/net/server/request_parser.h"

namespace {

using patchbay::net::HttpRequest;
using patchbay::net::server::BodyDecoder;
using patchbay::net::server::RequestParser;

constexpr std::size_t kMaxBody = 4096;
constexpr std::size_t kMaxRequests = 16;

// What was read, as text: comparing is all that is done with it.
using Reading = std::vector<std::string>;

// The connection's loop without its socket: `pieces` arrive one after another.
Reading Read(std::string_view bytes, std::size_t step) {
  Reading reading;
  std::string in;
  std::size_t round = 0;
  const auto arrive = [&] {
    const std::size_t size = step == 0 ? bytes.size() : 1 + round++ % step;
    in.append(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  };
  while (reading.size() < kMaxRequests) {
    RequestParser parser;
    HttpRequest request;
    std::size_t scanned = 0;
    std::size_t size = 0;
    while ((size = RequestParser::HeadSize(in, scanned)) == 0) {
      if (bytes.empty()) return reading;
      arrive();
    }
    const auto refusal = parser.ParseHead(std::string_view(in).substr(0, size), request);
    in.erase(0, size);
    if (refusal) {
      reading.push_back("refused " + std::to_string(refusal->status));
      return reading;
    }
    std::string seen = std::string(request.method) + " " + std::string(request.path);
    for (const auto& header : request.headers) seen.append("\n").append(header.name).append(":").append(header.value);
    auto decoder = BodyDecoder::Create(request.Find("content-encoding").value_or(""), kMaxBody);
    if (!decoder.ok()) decoder = BodyDecoder::Create("", kMaxBody);
    while (!parser.body_done()) {
      const auto used = parser.ParseBody(in, **decoder);
      if (!used.ok()) {
        reading.push_back(seen + "\nbroken body");
        return reading;
      }
      if (*used > in.size()) std::abort();
      in.erase(0, *used);
      if (parser.body_done()) break;
      if (bytes.empty()) {
        reading.push_back(seen + "\ncut body");
        return reading;
      }
      arrive();
    }
    seen += (*decoder)->Finish().ok() ? "\n" + std::move(**decoder).Take() : "\nbroken end";
    reading.push_back(seen);
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (Read(bytes, 0) != Read(bytes, 1 + data[0] % 16)) std::abort();
  return 0;
}
