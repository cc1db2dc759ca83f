#include "workers/upstream/identity/session.h"

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/base/text.h"

namespace patchbay::upstream {
namespace {

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : HexDigit(text[i]) < 0) return false;
  }
  return true;
}

}  // namespace

std::string_view ForwardedSession(const Headers& forwarded) {
  for (const char* name : {"thread-id", "session-id", "session_id", "conversation_id", "x-client-request-id"}) {
    if (const std::string_view value = HeaderOr(forwarded, name); !value.empty()) return value;
  }
  return {};
}

std::string SessionUuid(std::string_view session, std::string_view account) {
  if (IsUuid(session)) return LowerCase(session);
  std::string text = "patchbay session|";
  text.append(account).append("|").append(session);
  std::string bytes = Sha256(text).substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // RFC 9562: version 4, variant 10
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string hex = HexEncode(bytes);
  for (const std::size_t at : {20, 16, 12, 8}) hex.insert(at, 1, '-');
  return hex;
}

std::string ShownSession(std::string_view chosen, const Headers& forwarded, std::string_view request_id,
                         std::string_view account) {
  if (chosen.empty()) chosen = ForwardedSession(forwarded);
  return SessionUuid(chosen.empty() ? request_id : chosen, account);
}

}  // namespace patchbay::upstream
