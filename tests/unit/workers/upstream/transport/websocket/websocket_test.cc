#include "workers/upstream/transport/websocket/websocket.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "tests/unit/workers/upstream/local_web_socket.h"
#include "tests/unit/workers/upstream/transport_fixture.h"

namespace patchbay::upstream {
namespace {

using testing::LocalServer;
using testing::Peer;

// A provider's end of permessage-deflate (RFC 7692 §7.2.1), its context kept from message to message.
class Deflater {
 public:
  Deflater() { deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  std::string Message(std::string_view text) {
    if (text.empty()) return std::string(1, '\0');  // RFC 7692 §7.2.3.6
    std::string out(deflateBound(&stream_, text.size()) + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out - 4);  // without 00 00 ff ff
    return out;
  }

 private:
  z_stream stream_{};
};

class WebSocketTest : public testing::TransportFixture {
 protected:
  static constexpr int kCompressedText = 0x40 | 1;

  // What arrives of the messages that the provider sends.
  std::vector<std::string> Received(const std::vector<std::string>& messages, bool compressed) {
    LocalServer server(true, [&](Peer& peer) {
      testing::AcceptWebSocket(peer, compressed ? "sec-websocket-extensions: permessage-deflate\r\n" : "");
      Deflater deflater;
      for (const std::string& message : messages) {
        testing::SendFrame(peer, compressed ? deflater.Message(message) : message, compressed ? kCompressedText : 1);
      }
      peer.WaitForClose();
    });
    WebSocketRequest request;
    request.to = RequestTo(server).to;
    request.path = "/";
    request.connect_timeout = std::chrono::seconds(10);
    std::vector<std::string> received;
    bool done = false;
    asio::co_spawn(io_, Receive(std::move(request), messages.size(), received), [&](std::exception_ptr error) {
      done = true;
      if (error) std::rethrow_exception(error);
    });
    while (!done) io_.run_one();
    return received;
  }

 private:
  Awaitable<void> Receive(WebSocketRequest request, std::size_t count, std::vector<std::string>& received) {
    WebSocket socket(pool_);
    const bool open = co_await socket.Open(std::move(request));
    EXPECT_TRUE(open) << socket.failure().message;
    std::string text;
    while (open && received.size() < count) {
      const ReadStatus status = co_await socket.Read(text);
      if (status != ReadStatus::kData) break;
      received.push_back(text);
    }
    EXPECT_EQ(socket.failure().message, "");
    socket.Cancel();
  }
};

// Of every size at which a reader's buffer may become full just where the message ends, and of much that is said in few
// bytes: behind either another message follows that must still be readable.
TEST_F(WebSocketTest, ReadsCompressedMessagesOfAnySize) {
  std::vector<std::string> messages;
  for (std::size_t size = 1500; size < 1600; ++size) messages.push_back(std::string(size, 'x'));
  for (const std::size_t size : {0u, 3u, 20'000u, 65'536u, 3'000'000u, 12u}) messages.push_back(std::string(size, 'y'));
  std::string mixed;
  for (int i = 0; i < 20'000; ++i) mixed += std::to_string(i * 7919 % 10'007) + ",";
  messages.push_back(mixed);
  messages.push_back("the end");
  EXPECT_EQ(Received(messages, true), messages);
}

TEST_F(WebSocketTest, ReadsPlainMessagesOfAnySize) {
  const std::vector<std::string> messages = {"", "x", std::string(200'000, 'y'), "the end"};
  EXPECT_EQ(Received(messages, false), messages);
}

}  // namespace
}  // namespace patchbay::upstream
