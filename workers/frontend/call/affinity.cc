#include "workers/frontend/call/affinity.h"

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"

namespace patchbay::frontend {
namespace {

// A UUID of version 8 (RFC 9562: contents of our own making) from 16 bytes.
std::string Uuid(std::string bytes) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x80);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = HexEncode(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

}  // namespace

Affinity AffinityOf(SessionHint session, std::string_view model, const AffinityFacts& facts,
                    std::string_view client_key_id) {
  Affinity affinity;
  affinity.source = session.source;
  std::string value(session.value);
  if (value.empty() && !facts.cache_key.empty()) {
    affinity.source = "prompt_cache_key";
    value = facts.cache_key;
  }
  if (value.empty()) {
    affinity.source = "first_turn";
    value = std::string(model) + "\n" + facts.first_turn;
  }
  std::string seed(client_key_id);
  seed.push_back('\0');
  seed.append(value);
  const std::string digest = Sha256(seed);
  affinity.key = HexEncode(digest.substr(0, 16));
  affinity.session_id = Uuid(digest.substr(16, 16));
  return affinity;
}

void ShowSession(const Affinity& affinity, inference::v1::GenerateRequest& request) {
  request.mutable_cache()->set_session_id(affinity.session_id);
}

}  // namespace patchbay::frontend
