// What a provider's front end may send us: a response in any pieces, cookies, URLs, times.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/time/http_date.h"
#include "lib/time/retry_after.h"
#include "workers/upstream/identity/cookies/cookies.h"
#include "workers/upstream/transport/http1/response_parser.h"
#include "workers/upstream/transport/url.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

const WallTime kNow{std::chrono::seconds(1787390000)};

// Where a broken response is noticed depends on how it was cut; whether it is whole, and what it says, does not.
std::string Parsed(std::string_view bytes, std::size_t step) {
  upstream::ResponseParser parser;
  std::string body;
  bool good = true;
  while (good && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, step == 0 ? bytes.size() : step);
    bytes.remove_prefix(piece.size());
    good = parser.Feed(piece, body).ok();
  }
  if (!good || !parser.FeedEnd().ok()) return "refused";
  return std::to_string(parser.head().status) + " " + body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      if (Parsed(bytes, 0) != Parsed(bytes, 1 + data[0] / 4 % 16)) std::abort();
      break;
    case 1: {
      upstream::CookieJar jar;
      jar.Store("account", "chatgpt.com", "/backend-api", {bytes}, kNow);
      const std::string header = jar.HeaderFor("account", "chatgpt.com", "/backend-api", kNow);
      if (header.find_first_of("\r\n") != std::string::npos || header.find('\0') != std::string::npos) std::abort();
      break;
    }
    case 2:
      if (const auto url = upstream::ParseUrl(bytes); url.ok()) {
        if (url->authority.host.empty() || url->path.find_first_of(" \r\n") != std::string::npos) std::abort();
      }
      break;
    case 3:
      static_cast<void>(ParseHttpDate(bytes).ok());
      if (const auto wait = ParseRetryAfter(bytes, kNow); wait.ok()) {
        if (wait->count() < 0 || *wait > kLongestRetryAfter) std::abort();
      }
      break;
  }
  return 0;
}
