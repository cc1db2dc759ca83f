// The provider's side of a WebSocket on a LocalServer's connection: whole frames only.
#pragma once

#include <openssl/sha.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/encoding.h"
#include "tests/unit/workers/upstream/local_server.h"

namespace patchbay::upstream::testing {

// Takes the upgrade and gives its head; empty when there was none. `headers` are of the answer.
inline std::string AcceptWebSocket(Peer& peer, const std::string& headers = "") {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const std::string request = peer.ReadRequest();
  const std::size_t at = request.find(kName);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kName.size();
  const std::string key =
      request.substr(begin, request.find("\r\n", begin) - begin) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  peer.Write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: " +
             Base64Encode({reinterpret_cast<const char*>(digest), sizeof digest}) + "\r\n" + headers + "\r\n");
  return request;
}

// RFC 6455 §5.2; `opcode` 1 is a text, with 0x40 a compressed one.
inline bool SendFrame(Peer& peer, std::string_view payload, int opcode = 1) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(payload.size()));
  } else {
    const bool wide = payload.size() > 0xffff;
    frame.push_back(wide ? 127 : 126);
    for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(payload.size() >> shift));
  }
  return peer.Write(frame.append(payload));
}

// The client's next text; empty when it closes.
inline std::string ReadText(Peer& peer) {
  const std::string head = peer.ReadBytes(2);
  if (head.size() < 2 || (head[0] & 0x0f) != 1) return {};
  std::uint64_t size = head[1] & 0x7f;
  if (size >= 126) {
    const std::string wide = peer.ReadBytes(size == 126 ? 2 : 8);
    size = 0;
    for (const char byte : wide) size = size << 8 | static_cast<unsigned char>(byte);
  }
  const std::string mask = peer.ReadBytes(4);
  std::string text = peer.ReadBytes(size);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(text[i] ^ mask[i % 4]);
  return text;
}

}  // namespace patchbay::upstream::testing
